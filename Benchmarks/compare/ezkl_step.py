"""One step of EZKL in its own process: `ezkl_step.py STEP MODEL FOLDER SRS_FOLDER` prints what it took as JSON.

Files go to FOLDER under fixed names, parameters to SRS_FOLDER by size, where all models share them.
"""
import asyncio
import inspect
import json
import pathlib
import resource
import sys
import time

import ezkl


def main():
    step, model, folder, parameters = sys.argv[1:]
    at = pathlib.Path(folder)
    paths = {
        name: str(at / file)
        for name, file in {
            "settings": "settings.json",
            "circuit": "circuit",
            "vk": "vk.key",
            "pk": "pk.key",
            "data": "input.json",
            "witness": "witness.json",
            "proof": "proof.json",
        }.items()
    }
    srs, rows = None, None
    if step not in ("gen_settings", "calibrate_settings", "compile_circuit", "gen_witness"):
        rows = json.loads((at / "settings.json").read_text())["run_args"]["logrows"]
        pathlib.Path(parameters).mkdir(parents=True, exist_ok=True)
        srs = str(pathlib.Path(parameters) / f"{rows}.srs")

    arguments = ezkl.PyRunArgs()
    arguments.input_visibility = "private"
    arguments.output_visibility = "public"
    arguments.param_visibility = "fixed"

    def generate():
        # The parameters of one size serve all models.
        return pathlib.Path(srs).exists() or ezkl.gen_srs(srs, rows)

    calls = {
        "gen_settings": lambda: ezkl.gen_settings(model, paths["settings"], py_run_args=arguments),
        "calibrate_settings": lambda: ezkl.calibrate_settings(
            paths["data"], model, paths["settings"], target="resources"
        ),
        "compile_circuit": lambda: ezkl.compile_circuit(model, paths["circuit"], paths["settings"]),
        "gen_srs": generate,
        "setup": lambda: ezkl.setup(paths["circuit"], paths["vk"], paths["pk"], srs_path=srs),
        "gen_witness": lambda: ezkl.gen_witness(paths["data"], paths["circuit"], paths["witness"]),
        "prove": lambda: ezkl.prove(paths["witness"], paths["circuit"], paths["pk"], paths["proof"], srs_path=srs),
        "verify": lambda: ezkl.verify(paths["proof"], paths["settings"], paths["vk"], srs_path=srs),
    }

    def now():
        used = resource.getrusage(resource.RUSAGE_SELF)
        return used.ru_utime + used.ru_stime, time.monotonic()

    async def run():
        value = calls[step]()
        return await value if inspect.isawaitable(value) else value

    start = now()
    answer = asyncio.run(run())
    end = now()
    if answer is False:
        sys.exit(f"{step} answered no")
    measured = {"cpu": end[0] - start[0], "wall": end[1] - start[1]}
    if step == "prove":
        measured["rows"] = rows
    print(json.dumps(measured))


if __name__ == "__main__":
    main()
