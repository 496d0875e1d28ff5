/* Any bytes as dvc.lock: what is read is written as it stood, and every stage
 * can be written anew. */
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include "versioning/stages.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t n);

static void check_kept(const cm_lock_file *lock, cm_str text)
{
    cm_buf out = {0};
    CM_ASSERT(cm_lock_file_format(lock, &out, NULL) == CM_OK);
    if (lock->head.n > 0) {
        CM_ASSERT(out.n >= text.n && memcmp(out.p, text.p, text.n) == 0);
    }
    cm_buf_release(&out);
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t n)
{
    cm_lock_file lock;
    cm_error err = {0};
    cm_str text = {(const char *)bytes, n};
    cm_status status = cm_lock_file_parse(&lock, text, "input", &err);
    if (status == CM_OK) {
        cm_buf out = {0};
        check_kept(&lock, text);
        for (size_t i = 0; i < lock.n; i++) {
            lock.stages[i].raw = (cm_str){0};
        }
        (void)(cm_lock_file_format(&lock, &out, NULL) == CM_OK);
        cm_buf_release(&out);
    } else {
        CM_ASSERT(err.code == status && err.message[0] != '\0');
    }
    cm_lock_file_release(&lock);
    return 0;
}
