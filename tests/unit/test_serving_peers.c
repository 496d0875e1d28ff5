/* Connections by address: counted, limited, forgotten. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include <arpa/inet.h>
#include <netinet/in.h>
#include <string.h>

#include "serving/peers.h"

/* IPv4 or IPv6, by its look. */
static const struct sockaddr *address(const char *text)
{
    static struct sockaddr_storage storage[8];
    static size_t next;
    struct sockaddr_storage *s = &storage[next++ % 8];
    memset(s, 0, sizeof *s);
    if (strchr(text, ':') != NULL) {
        struct sockaddr_in6 *v6 = (struct sockaddr_in6 *)s;
        v6->sin6_family = AF_INET6;
        assert_int_equal(inet_pton(AF_INET6, text, &v6->sin6_addr), 1);
    } else {
        struct sockaddr_in *v4 = (struct sockaddr_in *)s;
        v4->sin_family = AF_INET;
        assert_int_equal(inet_pton(AF_INET, text, &v4->sin_addr), 1);
    }
    return (const struct sockaddr *)s;
}

static void opens_up_to_the_limit(void **state)
{
    (void)state;
    peers *all = NULL;
    assert_int_equal(peers_new(&all, 2, NULL), CM_OK);
    assert_true(peers_open(all, address("10.0.0.1")));
    assert_true(peers_open(all, address("10.0.0.1")));
    assert_false(peers_open(all, address("10.0.0.1")));
    assert_true(peers_open(all, address("10.0.0.2")));
    peers_close(all, address("10.0.0.1"));
    assert_true(peers_open(all, address("10.0.0.1")));
    assert_false(peers_open(all, address("10.0.0.1")));
    peers_free(all);
}

static void address_of_ipv4_is_one_in_both_families(void **state)
{
    (void)state;
    peers *all = NULL;
    assert_int_equal(peers_new(&all, 1, NULL), CM_OK);
    assert_true(peers_open(all, address("::ffff:10.0.0.1")));
    assert_false(peers_open(all, address("10.0.0.1")));
    assert_true(peers_open(all, address("::ffff:10.0.0.2")));
    peers_free(all);
}

static void network_of_ipv6_is_one_peer(void **state)
{
    (void)state;
    peers *all = NULL;
    assert_int_equal(peers_new(&all, 1, NULL), CM_OK);
    assert_true(peers_open(all, address("2001:db8:0:1::1")));
    assert_false(peers_open(all, address("2001:db8:0:1:ffff::2")));
    assert_true(peers_open(all, address("2001:db8:0:2::1")));
    peers_close(all, address("2001:db8:0:1:ffff::2"));
    assert_true(peers_open(all, address("2001:db8:0:1::3")));
    peers_free(all);
}

static void other_families_pass(void **state)
{
    (void)state;
    peers *all = NULL;
    const struct sockaddr local = {.sa_family = AF_UNIX};
    assert_int_equal(peers_new(&all, 1, NULL), CM_OK);
    assert_true(peers_open(all, &local));
    assert_true(peers_open(all, &local));
    peers_close(all, &local);
    assert_false(peer_is_loopback(&local));
    peers_free(all);
}

/* More addresses than chains, opened and closed in another order. */
static void many_addresses(void **state)
{
    (void)state;
    peers *all = NULL;
    struct sockaddr_in v4 = {.sin_family = AF_INET};
    const struct sockaddr *any = (const struct sockaddr *)&v4;
    assert_int_equal(peers_new(&all, 1, NULL), CM_OK);
    for (uint32_t round = 0; round < 2; round++) {
        for (uint32_t i = 0; i < 5000; i++) {
            v4.sin_addr.s_addr = htonl(i * 7919);
            assert_true(peers_open(all, any));
            assert_false(peers_open(all, any));
        }
        for (uint32_t i = 5000; i-- > 0;) {
            v4.sin_addr.s_addr = htonl(i * 7919);
            peers_close(all, any);
        }
    }
    peers_free(all);
}

static void loopback(void **state)
{
    (void)state;
    assert_true(peer_is_loopback(address("127.0.0.1")));
    assert_true(peer_is_loopback(address("127.9.9.9")));
    assert_true(peer_is_loopback(address("::1")));
    assert_true(peer_is_loopback(address("::ffff:127.0.0.1")));
    assert_false(peer_is_loopback(address("128.0.0.1")));
    assert_false(peer_is_loopback(address("::2")));
    assert_false(peer_is_loopback(address("::127.0.0.1")));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(opens_up_to_the_limit),
        cmocka_unit_test(address_of_ipv4_is_one_in_both_families),
        cmocka_unit_test(network_of_ipv6_is_one_peer),
        cmocka_unit_test(other_families_pass),
        cmocka_unit_test(many_addresses),
        cmocka_unit_test(loopback),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
