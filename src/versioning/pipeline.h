/* The steps from the text of dvc.yaml to stages.  Private to versioning. */
#ifndef CM_VERSIONING_PIPELINE_H
#define CM_VERSIONING_PIPELINE_H

#include "codec/yaml.h"
#include "versioning/snapshot.h"
#include "versioning/stages.h"

/* As cm_pipeline_load, of any snapshot; config NULL: DVC's defaults. */
CM_MUST_USE cm_status pipeline_load(cm_pipeline *pipeline,
                                    const cm_snapshot *snapshot,
                                    const cm_dvc_config *config,
                                    const char *path, cm_error *err);

/* Refuses what DVC's schema of dvc.yaml does not know. */
CM_MUST_USE cm_status pipeline_check(const cm_yaml *root, cm_error *err);

/* A stage of its definition, all of it resolved.  folder: of its dvc.yaml,
 * relative to the root; where: names it in errors.  Texts of the arena. */
CM_MUST_USE cm_status stage_of_json(cm_stage *out, const json_t *definition,
                                    const char *folder, cm_where where,
                                    cm_arena *arena, cm_error *err);

#endif
