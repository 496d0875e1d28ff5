/* Errors: messages are complete, one line, and never cut inside a letter. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include <errno.h>
#include <signal.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/error.h"
#include "base/str.h"

static void fail_returns_its_code(void **state)
{
    (void)state;
    cm_error err = {0};
    assert_int_equal(cm_fail(&err, CM_ERR_DATA, "%s has %d", "x", 3),
                     CM_ERR_DATA);
    assert_int_equal(err.code, CM_ERR_DATA);
    assert_string_equal(err.message, "x has 3");
    assert_int_equal(cm_fail(NULL, CM_ERR_GATE, "unheard"), CM_ERR_GATE);
    assert_int_equal(cm_fail_errno(NULL, "unheard"), CM_ERR_IO);
    cm_error_prefix(NULL, "unheard");
}

static void place_is_in_front(void **state)
{
    (void)state;
    cm_error err = {0};
    cm_fail_at(&err, CM_ERR_PARSE, (cm_where){"a.csv", 4, 7}, "bad");
    assert_string_equal(err.message, "a.csv:4:7: bad");
    cm_fail_at(&err, CM_ERR_PARSE, (cm_where){"a.csv", 4, 0}, "bad");
    assert_string_equal(err.message, "a.csv:4: bad");
    cm_fail_at(&err, CM_ERR_PARSE, (cm_where){"a.csv", 0, 9}, "bad");
    assert_string_equal(err.message, "a.csv: bad");
    cm_fail_at(&err, CM_ERR_PARSE, (cm_where){NULL, 0, 0}, "bad");
    assert_string_equal(err.message, "bad");
}

static void errno_and_prefix(void **state)
{
    (void)state;
    cm_error err = {0};
    errno = ENOENT;
    assert_int_equal(cm_fail_errno(&err, "%s: cannot open", "f"), CM_ERR_IO);
    assert_string_equal(err.message,
                        "f: cannot open: No such file or directory");
    cm_error_prefix(&err, "step %d", 2);
    assert_string_equal(err.message,
                        "step 2: f: cannot open: No such file or directory");
    assert_int_equal(err.code, CM_ERR_IO);
}

static void message_may_quote_itself(void **state)
{
    (void)state;
    cm_error err = {0};
    cm_fail(&err, CM_ERR_DATA, "inner");
    cm_fail(&err, CM_ERR_USAGE, "outer (%s)", err.message);
    assert_string_equal(err.message, "outer (inner)");
}

static void control_bytes_are_replaced(void **state)
{
    (void)state;
    cm_error err = {0};
    cm_fail(&err, CM_ERR_DATA, "a\nb\x1b[31mc\x7f");
    assert_string_equal(err.message, "a?b?[31mc?");
}

static void long_messages_stay_utf8(void **state)
{
    (void)state;
    char text[4096];
    for (size_t shift = 0; shift < 4; shift++) {
        memset(text, 'x', shift);
        for (size_t i = shift; i + 3 < sizeof text; i += 3) {
            memcpy(text + i, "\xe2\x82\xac", 4);
        }
        cm_error err = {0};
        cm_fail(&err, CM_ERR_DATA, "%s", text);
        cm_str message = cm_str_of(err.message);
        assert_true(message.n > 1000 && message.n < sizeof err.message);
        assert_int_equal(cm_utf8_valid(message), message.n);
        assert_true(cm_str_ends_with(message, "..."));
    }
}

static void failed_assert_aborts(void **state)
{
    (void)state;
    pid_t child = fork();
    if (child == 0) {
        close(STDERR_FILENO);
        signal(SIGABRT, SIG_DFL);
        CM_ASSERT(1 + 1 == 3);
        _exit(0);
    }
    int result = 0;
    waitpid(child, &result, 0);
    assert_true(WIFSIGNALED(result));
    assert_int_equal(WTERMSIG(result), SIGABRT);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(fail_returns_its_code),
        cmocka_unit_test(place_is_in_front),
        cmocka_unit_test(errno_and_prefix),
        cmocka_unit_test(message_may_quote_itself),
        cmocka_unit_test(control_bytes_are_replaced),
        cmocka_unit_test(long_messages_stay_utf8),
        cmocka_unit_test(failed_assert_aborts),
    };
    return cmocka_run_group_tests_name("base/error", tests, NULL, NULL);
}
