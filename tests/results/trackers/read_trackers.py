"""Reads what aedsl wrote for other trackers with the trackers themselves, and prints it as JSON.

usage: read_trackers.py tensorboard|mlflow|wandb FOLDER
"""

import glob
import gzip
import http.server
import json
import math
import os
import subprocess
import sys
import tempfile
import threading


def tensorboard(folder):
    from tensorboard.backend.event_processing.event_accumulator import EventAccumulator
    from tensorboard.backend.event_processing.plugin_event_multiplexer import EventMultiplexer
    from tensorboard.backend.event_processing.data_provider import MultiplexerDataProvider
    from tensorboard.context import RequestContext
    from tensorboard.plugins import base_plugin
    from tensorboard.plugins.hparams import backend_context, list_session_groups, api_pb2

    runs = {}
    for path in sorted(glob.glob(f"{folder}/r*")):
        events = EventAccumulator(path)
        events.Reload()
        runs[os.path.basename(path)] = {
            "scalars": {tag: [[e.step, e.value] for e in events.Scalars(tag)] for tag in events.Tags()["scalars"]},
            "images": {tag: [events.Images(tag)[0].width, events.Images(tag)[0].height] for tag in events.Tags()["images"]},
        }
    multiplexer = EventMultiplexer()
    multiplexer.AddRunsFromDirectory(folder)
    multiplexer.Reload()
    provider = MultiplexerDataProvider(multiplexer, folder)
    context = backend_context.Context(base_plugin.TBContext(data_provider=provider))
    request = api_pb2.ListSessionGroupsRequest(start_index=0, slice_size=100, allowed_statuses=[1, 2, 3])
    asked = RequestContext()
    metadata = context.hparams_metadata(asked, "")
    experiment = context.experiment_from_metadata(asked, "", True, metadata, context.hparams_from_data_provider(asked, "", 1000))
    groups = list_session_groups.Handler(asked, context, "", request).run()
    sessions = [
        {name: value.number_value if value.HasField("number_value") else value.string_value or value.bool_value for name, value in group.hparams.items()}
        for group in groups.session_groups
    ]
    return {"runs": runs, "sessions": sessions, "parameters": [info.name for info in experiment.hparam_infos]}


def mlflow(folder):
    """By way of the database that MLflow moves file stores to."""
    with tempfile.TemporaryDirectory() as place:
        uri = f"sqlite:///{place}/mlflow.db"
        command = [sys.executable, "-m", "mlflow", "migrate-filestore", "--source", folder, "--target", uri, "--no-progress"]
        subprocess.run(command, check=True, stdout=subprocess.DEVNULL)
        from mlflow.tracking import MlflowClient

        client = MlflowClient(uri)
        experiments = [one for one in client.search_experiments() if one.name != "Default"]
        runs = []
        for run in client.search_runs([one.experiment_id for one in experiments]):
            id = run.info.run_id
            runs.append({
                "name": run.info.run_name,
                "status": run.info.status,
                "params": run.data.params,
                "identity": run.data.tags["aedsl.identity"],
                "metrics": {name: [[m.step, m.value] for m in client.get_metric_history(id, name)] for name in run.data.metrics},
                "pictures": [os.path.basename(one.path) for one in client.list_artifacts(id, "pictures")],
            })
        return {"experiments": sorted(one.name for one in experiments), "runs": runs}


def wandb(folder):
    """By way of a server that remembers what `wandb sync` sends it."""
    runs = {}

    class Server(http.server.BaseHTTPRequestHandler):
        def log_message(self, *_):
            pass

        def do_POST(self):
            body = self.rfile.read(int(self.headers.get("content-length") or 0))
            if self.headers.get("content-encoding") == "gzip":
                body = gzip.decompress(body)
            answer = {}
            if self.path == "/graphql":
                answer = self.graphql(json.loads(body))
            elif self.path.endswith("/file_stream"):
                run = runs[self.path.split("/")[4]]
                for name, part in json.loads(body).get("files", {}).items():
                    if name == "wandb-history.jsonl":
                        run["history"] += [json.loads(line) for line in part["content"]]
                    if name == "wandb-summary.json":
                        run["summary"] = json.loads(part["content"][-1])
            written = json.dumps(answer).encode()
            self.send_response(200)
            self.send_header("content-type", "application/json")
            self.send_header("content-length", str(len(written)))
            self.end_headers()
            self.wfile.write(written)

        do_GET = do_POST

        def graphql(self, request):
            if "upsertBucket" not in request["query"]:
                return {"data": {}}
            said = request["variables"]
            name, project = said["name"], said["project"]
            run = runs.setdefault(name, {"history": [], "summary": {}})
            run["project"] = project
            run["name"] = said.get("displayName") or run.get("name")
            if said.get("config"):
                run["config"] = {key: one["value"] for key, one in json.loads(said["config"]).items() if key != "_wandb"}
            entity = {"id": "e", "name": "me"}
            bucket = {"id": "b", "name": name, "displayName": None, "description": None, "config": None, "sweepName": None}
            bucket |= {"historyLineCount": 0, "project": {"id": "p", "name": project, "entity": entity}}
            return {"data": {"upsertBucket": {"bucket": bucket, "inserted": True}}}

    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Server)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    with tempfile.TemporaryDirectory() as place:
        environment = os.environ | {
            "WANDB_BASE_URL": f"http://127.0.0.1:{server.server_port}",
            "WANDB_API_KEY": "0" * 40,
            "WANDB_DIR": place,
            "WANDB_ERROR_REPORTING": "false",
        }
        folders = sorted(glob.glob(f"{folder}/offline-run-*"))
        command = [sys.executable, "-m", "wandb", "sync", *folders]
        subprocess.run(command, check=True, timeout=60, env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    server.shutdown()
    return list(runs.values())


def plain(value):
    """The same without the numbers that JSON doesn't have, which become texts."""
    if isinstance(value, dict):
        return {key: plain(each) for key, each in value.items()}
    if isinstance(value, (list, tuple)):
        return [plain(each) for each in value]
    return value if not isinstance(value, float) or math.isfinite(value) else str(value)


tool, folder = sys.argv[1:]
read = {"tensorboard": tensorboard, "mlflow": mlflow, "wandb": wandb}[tool]
print(json.dumps(plain(read(os.path.abspath(folder)))))
