/* clickmill model push */
#include <stdlib.h>
#include <string.h>

#include "base/file.h"
#include "cli/model_path.h"
#include "cli/output.h"
#include "score/bundle.h"

typedef struct push_job {
    cm_bundle *bundle;
    char *folder;
    json_t *manifest;
    const char **names; /* (files.n) of the manifest */
    char *metrics;
    cm_model_files files;
    cm_place *place;
    cm_push_told told;
    cm_alias_move latest, alias;
} push_job;

/* ROOT/versions/VERSION of the bundle's root. */
static cm_status find_version(char **path, cli_context *c, const char *model,
                              const char *version, cm_error *err)
{
    cm_output_paths paths = {0};
    cm_buf text = {0};
    cm_status status = cm_config_output_paths(&paths, &c->config, err);
    const char *root = cli_text(c, "model") != NULL ? model : paths.root;
    if (status == CM_OK) {
        cm_buf_addf(&text, "%s/versions/%s", root, version);
        status = cm_buf_check(&text, err);
    }
    if (status == CM_OK && !cm_file_exists(text.p)) {
        status = cm_fail(err, CM_ERR_USAGE,
                         "%s: no such version; ls %s/versions lists them",
                         text.p, root);
    }
    if (status != CM_OK) {
        cm_buf_release(&text);
    }
    *path = text.p;
    return status;
}

/* The bundle is verified before anybody gets it. */
static cm_status load(push_job *job, cli_context *c, cm_error *err)
{
    const char *model = NULL;
    char *path = NULL;
    cm_status status = cli_given_model(&model, c, err);
    if (status == CM_OK && c->n_words > 0) {
        status = find_version(&path, c, model, c->words[0], err);
    }
    if (status == CM_OK) {
        status = cm_bundle_find(&job->folder, path != NULL ? path : model, err);
    }
    if (status == CM_OK) {
        status = cm_bundle_load(&job->bundle, job->folder, err);
    }
    free(path);
    return status;
}

/* The manifest and the files that it names. */
static cm_status list_files(push_job *job, cm_error *err)
{
    const json_t *files = NULL;
    cm_status status = cm_json_parse(
        &job->manifest, cm_bundle_manifest(job->bundle), "bundle.json", err);
    if (status == CM_OK) {
        status =
            cm_json_object(&files, job->manifest, "files", "bundle.json", err);
    }
    if (status != CM_OK) {
        return status;
    }
    json_t *object = (json_t *)(uintptr_t)files; /* only read */
    job->names =
        cm_alloc(json_object_size(object) + 1, sizeof *job->names, err);
    if (job->names == NULL) {
        return CM_ERR_NOMEM;
    }
    job->names[job->files.n++] = "bundle.json";
    for (void *i = json_object_iter(object); i != NULL;
         i = json_object_iter_next(object, i)) {
        job->names[job->files.n++] = json_object_iter_key(i);
    }
    return CM_OK;
}

static cm_status describe(push_job *job, cm_error *err)
{
    cm_status status = list_files(job, err);
    const json_t *metrics = json_object_get(job->manifest, "metrics");
    if (status == CM_OK) {
        job->metrics = metrics != NULL ? json_dumps(metrics, JSON_COMPACT)
                                       : cm_strdup("{}", NULL);
        status = job->metrics != NULL
                     ? CM_OK
                     : cm_fail(err, CM_ERR_NOMEM, "out of memory");
    }
    job->files.folder = job->folder;
    job->files.names = job->names;
    job->files.version = cm_bundle_version(job->bundle);
    job->files.created = cm_bundle_created(job->bundle);
    job->files.metrics = job->metrics;
    return status;
}

static cm_status push(push_job *job, const char *alias, cm_error *err)
{
    const char *version = job->files.version;
    cm_status status = cm_place_push(job->place, &job->files, &job->told, err);
    if (status == CM_OK) {
        status = cm_place_move_alias(job->place, "latest", version, true,
                                     &job->latest, err);
    }
    if (status == CM_OK && alias != NULL) {
        status = cm_place_move_alias(job->place, alias, version, false,
                                     &job->alias, err);
    }
    return status;
}

static cm_status print_json(const push_job *job, const char *alias,
                            cm_error *err)
{
    cm_buf json = {0};
    cm_json_writer w = cm_json_writer_of(&json, 2);
    cm_json_begin_object(&w, NULL);
    cm_json_put_text(&w, "version", job->files.version);
    cm_json_put_text(&w, "md5", job->told.md5);
    cm_json_put_bool(&w, "was_there", job->told.was_there);
    cm_json_put_u64(&w, "pushed", job->told.n_sent);
    cm_json_put_u64(&w, "bytes", job->told.bytes);
    cm_json_begin_array(&w, "aliases");
    cm_json_put_text(&w, NULL, "latest");
    if (alias != NULL) {
        cm_json_put_text(&w, NULL, alias);
    }
    cm_json_end_array(&w);
    cm_json_end_object(&w);
    return cli_print_json(&json, err);
}

static void put_move(cm_buf *text, const char *alias, const cm_alias_move *move)
{
    bool moved = strcmp(move->from, move->to) != 0;
    cm_buf_addf(text, "  %s: %s%s%s\n", alias,
                moved && move->from[0] != '\0' ? move->from : "",
                moved && move->from[0] != '\0' ? " -> " : "", move->to);
}

static cm_status print(const push_job *job, const char *alias, cm_error *err)
{
    cm_buf text = {0};
    const cm_push_told *told = &job->told;
    if (told->n_sent == 0 && told->was_there) {
        cm_buf_addf(&text, "version %s is there already\n", job->files.version);
    } else {
        cm_buf_addf(&text, "version %s pushed: %zu object%s, %.1f MB\n",
                    job->files.version, told->n_sent,
                    told->n_sent == 1 ? "" : "s", (double)told->bytes / 1e6);
    }
    put_move(&text, "latest", &job->latest);
    if (alias != NULL) {
        put_move(&text, alias, &job->alias);
    }
    return cli_print_text(&text, err);
}

static void release(push_job *job)
{
    cm_place_close(job->place);
    cm_bundle_free(job->bundle);
    json_decref(job->manifest);
    free(job->names);
    free(job->metrics);
    free(job->folder);
}

static cm_status check(const char *to, const char *alias, cm_error *err)
{
    if (to == NULL) {
        return cm_fail(err, CM_ERR_USAGE,
                       "clickmill model push needs --to PLACE: "
                       "s3://bucket/prefix, a folder, or remote://NAME");
    }
    return alias != NULL ? cm_alias_check(alias, err) : CM_OK;
}

cm_status cli_model_push(cli_context *c, cm_error *err)
{
    push_job job = {0};
    cm_place_options options;
    const char *to = cli_text(c, "to"), *alias = cli_text(c, "alias");
    cli_place_options(&options, c);
    cm_status status = check(to, alias, err);
    if (status == CM_OK) {
        status = load(&job, c, err);
    }
    if (status == CM_OK) {
        status = describe(&job, err);
    }
    if (status == CM_OK) {
        status = cm_place_open(&job.place, to, &options, err);
    }
    if (status == CM_OK) {
        status = push(&job, alias, err);
    }
    if (status == CM_OK) {
        status = cli_switch(c, "json") ? print_json(&job, alias, err)
                                       : print(&job, alias, err);
    }
    release(&job);
    return status;
}
