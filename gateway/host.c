#include "gateway/host.h"

#include <kore/kore.h>
#include <sys/types.h>

#include "proto/base/clock.h"
#include "proto/task/loop.h"
#include "proto/task/task.h"

#define WATCH_READ 1u /* EPOLLIN; level triggered */

static struct {
    struct kore_event event; /* first: Kore hands it back */
    struct kore_timer *timer;
    int64_t timer_at;
} host;

static void on_readable(void *arg, int error)
{
    (void)arg;
    (void)error;
    host.event.flags = 0;
    cc_loop_turn(0);
}

static void on_timer(void *arg, u_int64_t now)
{
    (void)arg;
    (void)now;
    host.timer = NULL; /* one-shot: Kore frees it when we return */
    cc_loop_turn(0);
}

static void again(int64_t in_ms)
{
    int64_t at = cc_clock_ms() + in_ms;

    if (host.timer) {
        if (host.timer_at <= at)
            return;
        kore_timer_remove(host.timer);
    }
    host.timer_at = at;
    host.timer = kore_timer_add(on_timer, (u_int64_t)in_ms, NULL, KORE_TIMER_ONESHOT);
}

void cc_host_open(void)
{
    static const struct cc_loop_host guest = {again};

    cc_task_scrub(true);
    cc_loop_init(&guest);
    host.event.type = 100; /* none of Kore's own */
    host.event.handle = on_readable;
    kore_platform_event_schedule(cc_loop_fd(), WATCH_READ, 0, &host);
}

void cc_host_close(void)
{
    kore_platform_disable_read(cc_loop_fd());
    cc_loop_done();
}
