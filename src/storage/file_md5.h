/* MD5 of an open file or a piece of it.  Private to storage. */
#ifndef CM_STORAGE_FILE_MD5_H
#define CM_STORAGE_FILE_MD5_H

#include "base/md5.h"

/* From its first byte, wherever it stands; path is for errors. */
CM_MUST_USE cm_status file_md5(char out[CM_MD5_HEX], int fd, const char *path,
                               cm_error *err);
CM_MUST_USE cm_status file_piece_md5(char out[CM_MD5_HEX], int fd,
                                     const char *path, uint64_t offset,
                                     uint64_t length, cm_error *err);

#endif
