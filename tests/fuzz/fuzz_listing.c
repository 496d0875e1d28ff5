/* Any bytes as the listing of a folder: paths stay inside, and what is written
 * reads the same. */
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include "dvc/outs.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t n);

static void check_again(cm_listing *listing)
{
    char id[CM_OBJECT_TEXT], id_again[CM_OBJECT_TEXT];
    cm_listing again = {0};
    cm_buf text = {0}, text_again = {0};
    CM_ASSERT(cm_listing_format(listing, &text, id, NULL) == CM_OK);
    cm_str view = {text.p, text.n};
    CM_ASSERT(cm_listing_parse(&again, view, "again", NULL) == CM_OK);
    CM_ASSERT(again.n == listing->n);
    CM_ASSERT(cm_listing_format(&again, &text_again, id_again, NULL) == CM_OK);
    CM_ASSERT(listing->n > 1 || strcmp(id, id_again) == 0);
    cm_buf_release(&text);
    cm_buf_release(&text_again);
    cm_listing_release(&again);
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t n)
{
    cm_listing listing = {0};
    cm_error err = {0};
    cm_str text = {(const char *)bytes, n};
    cm_status status = cm_listing_parse(&listing, text, "input", &err);
    if (status == CM_OK) {
        for (size_t i = 0; i < listing.n; i++) {
            CM_ASSERT(listing.entries[i].relpath[0] != '/');
            CM_ASSERT(strlen(listing.entries[i].md5) == 32);
        }
        check_again(&listing);
    } else {
        CM_ASSERT(err.code == status && err.message[0] != '\0');
    }
    cm_listing_release(&listing);
    return 0;
}
