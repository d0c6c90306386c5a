/* The wall clock, AHEAD seconds off; monotonic clocks are left alone. Preloaded by the drill of clocks. It asks the kernel and
 * nothing else: libfaketime allocates memory on its first call, which locks itself up when the allocator asks for the time. */
#define _GNU_SOURCE
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

int clock_gettime(clockid_t clock, struct timespec *at) {
    int failed = (int)syscall(SYS_clock_gettime, clock, at);
    if (!failed && (clock == CLOCK_REALTIME || clock == CLOCK_REALTIME_COARSE)) at->tv_sec += AHEAD;
    return failed;
}
