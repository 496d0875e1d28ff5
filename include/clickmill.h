/* clickmill: a click-through-rate pipeline as a library. */
#ifndef CLICKMILL_H
#define CLICKMILL_H

#define CM_VERSION "0.1.0"

#ifdef __cplusplus
extern "C" {
#endif

#define CM_API __attribute__((visibility("default")))

/* The version of the library linked, as "0.1.0". */
CM_API const char *cm_version(void);

#ifdef __cplusplus
}
#endif

#endif
