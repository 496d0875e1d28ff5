/* Hashes over bytes and files: OpenSSL's SHA-256 and xxHash's XXH3. */
#include "base/hash.h"

#include "base/mem.h"

#include <errno.h>
#include <fcntl.h>
#include <openssl/evp.h>
#include <stdlib.h>
#include <unistd.h>
#include <xxhash.h>

enum { READ_BUFFER = 1 << 20, SHA256_BYTES = 32 };

void cm_hex(char *out, const void *bytes, size_t n)
{
    static const char digits[] = "0123456789abcdef";
    const uint8_t *byte = bytes;
    for (size_t i = 0; i < n; i++) {
        out[2 * i] = digits[byte[i] >> 4];
        out[2 * i + 1] = digits[byte[i] & 15];
    }
    out[2 * n] = '\0';
}

static cm_status hash_failed(cm_error *err)
{
    return cm_fail(err, CM_ERR_UNSUPPORTED,
                   "OpenSSL has no SHA-256 here; check its configuration "
                   "(openssl.cnf, FIPS provider)");
}

cm_status cm_sha256(char out[CM_SHA256_HEX], const void *bytes, size_t n,
                    cm_error *err)
{
    unsigned char digest[EVP_MAX_MD_SIZE];
    if (EVP_Digest(bytes, n, digest, NULL, EVP_sha256(), NULL) != 1) {
        return hash_failed(err);
    }
    cm_hex(out, digest, SHA256_BYTES);
    return CM_OK;
}

/* Feeds all of fd to the context. */
static cm_status hash_fd(EVP_MD_CTX *context, int fd, unsigned char *buffer,
                         const char *path, cm_error *err)
{
    for (;;) {
        ssize_t got = read(fd, buffer, READ_BUFFER);
        if (got < 0 && errno == EINTR) {
            continue;
        }
        if (got < 0) {
            return cm_fail_errno(err, "%s: cannot read", path);
        }
        if (got == 0) {
            return CM_OK;
        }
        if (EVP_DigestUpdate(context, buffer, (size_t)got) != 1) {
            return hash_failed(err);
        }
    }
}

cm_status cm_sha256_file(char out[CM_SHA256_HEX], const char *path,
                         cm_error *err)
{
    cm_status status = CM_OK;
    unsigned char digest[EVP_MAX_MD_SIZE];
    EVP_MD_CTX *context = EVP_MD_CTX_new();
    unsigned char *buffer = cm_alloc(READ_BUFFER, 1, err);
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    if (fd < 0) {
        status = cm_fail_errno(err, "%s: cannot open", path);
        goto done;
    }
    if (context == NULL || buffer == NULL) {
        status = cm_fail(err, CM_ERR_NOMEM, "%s: no memory to hash it", path);
        goto done;
    }
    if (EVP_DigestInit_ex(context, EVP_sha256(), NULL) != 1) {
        status = hash_failed(err);
        goto done;
    }
    status = hash_fd(context, fd, buffer, path, err);
    if (status != CM_OK) {
        goto done;
    }
    if (EVP_DigestFinal_ex(context, digest, NULL) != 1) {
        status = hash_failed(err);
        goto done;
    }
    cm_hex(out, digest, SHA256_BYTES);
done:
    if (fd >= 0) {
        close(fd);
    }
    EVP_MD_CTX_free(context);
    free(buffer);
    return status;
}

uint64_t cm_xxh3(const void *bytes, size_t n)
{
    return XXH3_64bits(bytes, n);
}
