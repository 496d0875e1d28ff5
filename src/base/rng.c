/* The normal distribution from the counter-based generator. */
#include "base/rng.h"

#include <math.h>

/* G. E. P. Box and M. E. Muller, "A note on the generation of random normal
 * deviates", 1958.  1 - u lies in (0, 1], so the logarithm is finite. */
double cm_rng_normal_at(cm_rng rng, uint64_t i)
{
    double radius = sqrt(-2.0 * log(1.0 - cm_unit_of(cm_rng_at(rng, 2 * i))));
    double angle = 0x1.921fb54442d18p+2 * cm_unit_of(cm_rng_at(rng, 2 * i + 1));
    return radius * cos(angle);
}
