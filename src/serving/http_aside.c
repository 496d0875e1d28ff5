/* Answers that take long: their connection sleeps while a thread of its own
 * works, and the thread of the server goes on with all others. */
#include <pthread.h>
#include <time.h>

#include "serving/http_exchange.h"

/* Once the connection is awake its exchange is the server's thread's again. */
static void *do_work(void *context)
{
    const http_aside aside = *(const http_aside *)context;
    aside.work(aside.context);
    MHD_resume_connection(aside.connection);
    atomic_fetch_sub(&aside.server->n_asides, 1);
    return NULL;
}

void http_run_aside(const http_request *request, http_reply *reply,
                    void (*work)(void *context), void *context)
{
    pthread_t id;
    http_exchange *x = request->exchange;
    x->aside.work = work;
    x->aside.context = context;
    reply->later = true;
    atomic_fetch_add(&x->aside.server->n_asides, 1);
    MHD_suspend_connection(x->aside.connection);
    if (pthread_create(&id, NULL, do_work, &x->aside) == 0) {
        (void)pthread_detach(id);
    } else {
        (void)do_work(&x->aside);
    }
}

void http_asides_wait(http_server *server)
{
    static const struct timespec pause = {.tv_nsec = 1000000};
    while (atomic_load(&server->n_asides) > 0) {
        (void)nanosleep(&pause, NULL);
    }
}
