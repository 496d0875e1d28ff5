"""A run of the local store beside the same run on an MLflow server.

    run = LocalRun(folder)
    find_run(client, run)             # mlflow's; exactly one
    differences(client, run)          # [] when all of it is there once
"""
import json
import math
import os
import tempfile

TAG = "clickmill.run_id"


class LocalRun:
    def __init__(self, folder):
        self.folder = folder
        with open(os.path.join(folder, "run.json")) as file:
            self.data = json.load(file)
        self.id = self.data["id"]
        self.metrics = {}  # key -> [(step, time, value)]
        with open(os.path.join(folder, "metrics.tsv")) as file:
            for line in file:
                key, value, step, time = line.rstrip("\n").split("\t")
                self.metrics.setdefault(key, []).append(
                    (int(step), int(time), float(value)))

    def files(self, below):
        root = os.path.join(self.folder, below)
        return {os.path.relpath(os.path.join(folder, name), root):
                os.path.join(folder, name)
                for folder, _, names in os.walk(root) for name in names}


def find_runs(client, run):
    experiment = client.get_experiment_by_name(run.data["experiment"])
    if experiment is None:
        return []
    return list(client.search_runs(
        [experiment.experiment_id], "tags.`%s` = '%s'" % (TAG, run.id)))


def same_points(ours, theirs):
    """Each point once; NaN equals NaN."""
    def key(point):
        step, time, value = point
        return (step, time, math.isnan(value), 0 if math.isnan(value) else value)
    return sorted(map(key, ours)) == sorted(map(key, theirs))


def history(client, run_id, key):
    return [(m.step, m.timestamp, m.value)
            for m in client.get_metric_history(run_id, key)]


def data_differences(client, run, there):
    found = []
    if there.data.params != run.data["params"]:
        found.append("params: %s" % sorted(
            set(there.data.params.items()) ^ set(run.data["params"].items())))
    for key, value in run.data["tags"].items():
        if there.data.tags.get(key) != value:
            found.append("tag %s: %r" % (key, there.data.tags.get(key)))
    if set(there.data.metrics) != set(run.metrics):
        found.append("metrics: %s" % sorted(
            set(there.data.metrics) ^ set(run.metrics)))
    for key, points in run.metrics.items():
        if not same_points(points, history(client, there.info.run_id, key)):
            found.append("metric %s" % key)
    info = (there.info.status, there.info.start_time, there.info.end_time,
            there.info.run_name)
    ours = tuple(run.data[k] for k in ("status", "start", "end", "name"))
    if info != ours:
        found.append("info: %s, not %s" % (info, ours))
    return found


def input_differences(run, there):
    fields = ("name", "digest", "source_type", "source", "schema", "profile")
    ours = sorted(tuple(one.get(f) for f in fields) + (one["context"],)
                  for one in run.data["datasets"])
    theirs = sorted(
        tuple(getattr(one.dataset, f) for f in fields)
        + ({t.key: t.value for t in one.tags}["mlflow.data.context"],)
        for one in there.inputs.dataset_inputs)
    return [] if ours == theirs else ["inputs: %s, not %s" % (theirs, ours)]


def same_files(uri, tracking_uri, ours, skip=()):
    """Of artifacts downloaded with mlflow and local files, what differs."""
    import mlflow
    found = []
    with tempfile.TemporaryDirectory() as folder:
        if ours:
            folder = mlflow.artifacts.download_artifacts(
                artifact_uri=uri, dst_path=folder, tracking_uri=tracking_uri)
        theirs = {os.path.relpath(os.path.join(at, name), folder):
                  os.path.join(at, name)
                  for at, _, names in os.walk(folder) for name in names}
        if set(ours) != set(theirs):
            found.append("files: %s" % sorted(set(ours) ^ set(theirs)))
        for name in set(ours) & set(theirs) - set(skip):
            with open(ours[name], "rb") as a, open(theirs[name], "rb") as b:
                if a.read() != b.read():
                    found.append("file %s" % name)
    return found


def model_differences(client, run, there):
    """The logged model, its files, its version and alias."""
    want = run.data.get("model")
    outputs = there.outputs.model_outputs if there.outputs else []
    if want is None:
        return ["outputs: %s" % outputs] if outputs else []
    models = client.search_logged_models(
        [there.info.experiment_id],
        filter_string="source_run_id = '%s'" % there.info.run_id)
    if len(models) != 1 or len(outputs) != 1:
        return ["%d models, %d outputs" % (len(models), len(outputs))]
    model, found = models[0], []
    if outputs[0].model_id != model.model_id or model.name != want["name"]:
        found.append("model %s %s" % (model.name, model.model_id))
    if model.status != "READY":
        found.append("model is %s" % model.status)
    if model.params != run.data["params"]:
        found.append("params of the model")
    last = {key: points[-1][2] for key, points in run.metrics.items()}
    if {m.key: m.value for m in model.metrics or []} != last:
        found.append("metrics of the model")
    found += same_files(model.artifact_location, client.tracking_uri,
                        run.files("model"), skip=("MLmodel",))
    return found + version_differences(client, run, there, model)


def version_differences(client, run, there, model):
    name = run.data["model"].get("register_as")
    alias = run.data["model"].get("alias")
    if name is None:
        return []
    versions = [one for one in client.search_model_versions("name='%s'" % name)
                if one.run_id == there.info.run_id]
    if len(versions) != 1:
        return ["%d versions" % len(versions)]
    # search gives no model id; the single version does
    version = client.get_model_version(name, versions[0].version)
    found = []
    if version.source != "models:/" + model.model_id:
        found.append("version is of %s" % version.source)
    if alias and client.get_model_version_by_alias(
            name, alias).version < version.version:
        found.append("alias %s" % alias)
    return found


def differences(client, run):
    runs = find_runs(client, run)
    if len(runs) != 1:
        return ["%d runs" % len(runs)]
    there = client.get_run(runs[0].info.run_id)
    return (data_differences(client, run, there)
            + input_differences(run, there)
            + same_files(there.info.artifact_uri, client.tracking_uri,
                         run.files("artifacts"))
            + model_differences(client, run, there))
