/* Any bytes as a .dvc file: what is read is written, and reads the same. */
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include "dvc/outs.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t n);

static void check_again(const cm_dvc_file *file, cm_str text)
{
    cm_dvc_file again;
    if (cm_dvc_file_parse(&again, text, "again", NULL) == CM_OK) {
        CM_ASSERT(strcmp(again.out.path, file->out.path) == 0);
        CM_ASSERT(strcmp(again.out.md5, file->out.md5) == 0);
        CM_ASSERT(again.out.size == file->out.size);
        CM_ASSERT(again.frozen == file->frozen);
    }
    cm_dvc_file_release(&again);
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t n)
{
    cm_dvc_file file;
    cm_error err = {0};
    cm_str text = {(const char *)bytes, n};
    cm_status status = cm_dvc_file_parse(&file, text, "input", &err);
    if (status == CM_OK) {
        cm_buf out = {0};
        CM_ASSERT(cm_dvc_file_format(&file, &out, &err) == CM_OK);
        check_again(&file, (cm_str){out.p, out.n});
        cm_buf_release(&out);
    } else {
        CM_ASSERT(err.code == status && err.message[0] != '\0');
    }
    cm_dvc_file_release(&file);
    return 0;
}
