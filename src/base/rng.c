/* The normal distribution from the counter-based generator. */
#include "base/rng.h"

#include <math.h>

/* G. E. P. Box and M. E. Muller, "A note on the generation of random normal
 * deviates", 1958.  1 - u lies in (0, 1], so the logarithm is finite. */
double cm_rng_normal(cm_rng *rng)
{
    double radius = sqrt(-2.0 * log(1.0 - cm_rng_unit(rng)));
    double angle = 0x1.921fb54442d18p+2 * cm_rng_unit(rng);
    return radius * cos(angle);
}
