/* When a request gets its turn, and when it has waited too long.
 *
 * What waits is in the sockets, so the queue is measured in time, not in
 * requests.  A turn of the loop hands out all that was there at its start:
 * a short request that comes to its turn after more than queue_timeout is
 * refused, which costs no scoring, so the turn ends soon and the next one is
 * young.  Nobody waits for more than two such turns.
 *
 * A long body comes in pieces, one a turn.  Were each answered as soon as it
 * is there, the others' pieces would wait for it a hundred times over.  So
 * reading goes first: a long request waits until no pieces come any more (for
 * half its time at most), and each turn spends a slice of time on them, oldest
 * first; between slices everybody else has a turn. */
#include "base/log.h"
#include "serving/http_exchange.h"

enum { LONG_BODY = 1 << 13 };

/* Seconds of a turn after which no long request is begun. */
static const double slice = .005;

void http_queue_next_turn(http_server *server)
{
    http_turn *turn = &server->turn;
    *turn =
        (http_turn){.number = turn->number + 1, .was_reading = turn->reading};
}

double http_queue_clock(http_server *server)
{
    double now = cm_seconds();
    server->connections.now = now;
    if (server->turn.started == 0) {
        server->turn.started = now;
    }
    return now;
}

http_verdict http_queue_judge(http_server *server, http_exchange *x)
{
    const http_turn *turn = &server->turn;
    const double limit = server->shared->limits->queue_timeout;
    double now = x->turn == turn->number ? server->connections.now
                                         : http_queue_clock(server);
    double age = now - turn->started;
    if (x->body.n <= LONG_BODY) {
        return age > limit ? HTTP_LATE : HTTP_GO;
    }
    if (x->complete == 0) {
        x->complete = now;
    }
    double waited = now - x->complete;
    if (waited > limit) {
        return HTTP_LATE;
    }
    bool others_first =
        age > slice || (turn->was_reading && waited < limit / 2);
    return others_first ? HTTP_WAIT : HTTP_GO;
}
