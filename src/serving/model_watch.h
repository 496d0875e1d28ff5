/* A thread that asks where the model is: that may take long, and the control
 * loop has signals to answer.  Private to serving. */
#ifndef CM_SERVING_MODEL_WATCH_H
#define CM_SERVING_MODEL_WATCH_H

#include "serving/live_model.h"

typedef struct model_watch model_watch;

/* Reloads at once, and checks with the source's interval; both are borrowed. */
CM_MUST_USE cm_status model_watch_start(model_watch **out, live_model *live,
                                        const cm_model_source *source,
                                        cm_error *err);
/* Reloads as soon as it can. */
void model_watch_reload(model_watch *watch);
/* Tells the source to stop, and waits for the thread.  NULL is fine. */
void model_watch_stop(model_watch *watch);

#endif
