/* Hashes of categories and keys of combinations, against published CatBoost
 * exports and the published CityHash. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include <string.h>

#include "model/cat_hash.h"
#include "model/city_hash.h"

static void hashes_are_those_of_catboost(void **state)
{
    (void)state;
    static const struct {
        const char *text;
        int32_t hash;
    } known[] = {
        {"Female", -2114564283}, {"Male", -1291328762},
        {"?", -1576664757},      {"0", -1438285038},
        {"1", 1121341681},       {"Married-civ-spouse", -2019910086},
        {"Private", 2084267031}, {"United-States", 1736516096},
        {"11th", -1209300766},   {"Protective-serv", -2075156126},
        {"85f751fd", 839972970}, {"1fbe01fe", -1798208826},
        {"50e219e0", 833670171}, {"nan", 761118297},
        {"None", 1875838226},
    };
    for (size_t i = 0; i < sizeof known / sizeof *known; i++) {
        assert_int_equal((int32_t)cm_cat_hash(cm_str_of(known[i].text)),
                         known[i].hash);
    }
}

static void every_length_has_its_hash(void **state)
{
    (void)state;
    static const struct {
        size_t n;
        uint64_t hash;
    } known[] = {
        {0, 0x9ae16a3b2f90404f},  {1, 0x2420662cd003acfa},
        {17, 0x04c32ee291860c79}, {33, 0x548f44c3529a6e7e},
        {65, 0x0294a10f04f19e1a}, {200, 0x96ecc4fe07012b93},
    };
    char text[200];
    memset(text, 'a', sizeof text);
    for (size_t i = 0; i < sizeof known / sizeof *known; i++) {
        assert_true(city_hash64((cm_str){text, known[i].n}) == known[i].hash);
    }
    assert_true(city_hash64(CM_STR("abc")) == 0x3a912f483a4ece31);
}

/* Hashes below zero are sign-extended. */
static void keys_are_those_of_catboost(void **state)
{
    (void)state;
    assert_true(cm_key_add_cat(0, cm_cat_hash(CM_STR("Private"))) ==
                8864790892067322495u);
    assert_true(cm_key_add_cat(0, cm_cat_hash(CM_STR("?"))) ==
                14256903225472974739u);
    assert_true(cm_key_add(0, 0) == 0);
    assert_true(cm_key_add(5, 1) != cm_key_add(1, 5));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(hashes_are_those_of_catboost),
        cmocka_unit_test(every_length_has_its_hash),
        cmocka_unit_test(keys_are_those_of_catboost),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
