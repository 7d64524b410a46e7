"""CompVis and Stability AI: beta schedules, DDIM, PLMS, DPM-Solver, DDPM."""

from collections.abc import Callable
from functools import partial
from typing import Any

import torch
from torch import Tensor

from graphengine.diffusion.sampling.discrete import DiscreteSchedule, alphas_cumprod_of, make_betas
from graphengine.diffusion.sampling.ldm import DDPM, DDIMSteps, DPMSolver, ddim, ddim_invert, ddim_timesteps, plms
from graphengine.diffusion.sampling.ldm.dpm_solver import ContinuousSchedule
from graphengine.diffusion.sampling.ldm.prediction import Predict, guided
from graphengine.diffusion.types import Prediction
from harness import Case, Outputs, golden

from .analytic import analytic_network

BUFFERS = (
    "betas",
    "alphas_cumprod",
    "alphas_cumprod_prev",
    "sqrt_alphas_cumprod",
    "sqrt_one_minus_alphas_cumprod",
    "log_one_minus_alphas_cumprod",
    "sqrt_recip_alphas_cumprod",
    "sqrt_recipm1_alphas_cumprod",
    "posterior_variance",
    "posterior_log_variance_clipped",
    "posterior_mean_coef1",
    "posterior_mean_coef2",
)


def betas_of(config: dict) -> Tensor:
    kind = config.get("beta_schedule", "linear")
    return make_betas(kind, config["timesteps"], config["linear_start"], config["linear_end"])


@golden("schedules")
def schedules(case: Case) -> Outputs:
    for index, config in enumerate(case.config["schedules"]):
        betas = betas_of(config)
        ddpm = DDPM(betas)
        yield f"schedule{index}.betas_f64", betas
        yield f"schedule{index}.alphas_cumprod_f64", alphas_cumprod_of(betas)
        for name in BUFFERS:
            yield f"schedule{index}.{name}", getattr(ddpm, name)
        yield f"schedule{index}.lvlb_weights_eps", ddpm.lvlb_weights_eps()
        yield f"schedule{index}.lvlb_weights_x0", ddpm.lvlb_weights_x0()
    first = case.config["schedules"][0]
    alphas_cumprod = DDPM(betas_of(first)).alphas_cumprod
    for index, config in enumerate(case.config["ddim"]):
        timesteps = ddim_timesteps(config["steps"], config["method"], first["timesteps"])
        steps = DDIMSteps.of(alphas_cumprod, timesteps, config["eta"])
        for name in ("timesteps", "sigmas", "alphas", "alphas_prev"):
            yield f"ddim{index}.{name}", getattr(steps, name)


class Setting:
    """The closed network of a case, and what its runs share."""

    def __init__(self, case: Case, prediction: Prediction) -> None:
        self.case, self.prediction = case, prediction
        self.ddpm = DDPM(betas_of(case.config))
        self.alphas_cumprod = self.ddpm.alphas_cumprod
        self.network = analytic_network(DiscreteSchedule(self.alphas_cumprod), case.config["analytic_std"], prediction)
        self.asked: list[float] = []

    def conditioned(self, name: str) -> Predict:
        return lambda x, timestep: self.network(x, timestep, self.case.inputs[name])

    def guided(self, scale: float | None = None) -> Predict:
        scale = self.case.config["guidance_scale"] if scale is None else scale
        predict = guided(self.conditioned("cond"), self.conditioned("uncond"), scale)

        def recorded(x: Tensor, timestep: Tensor) -> Tensor:
            self.asked.append(float(timestep.double().mean()))
            return predict(x, timestep)

        return recorded

    def steps(self, count: int, eta: float = 0.0) -> DDIMSteps:
        return DDIMSteps.of(self.alphas_cumprod, ddim_timesteps(count, train_steps=len(self.alphas_cumprod)), eta)

    def ddim(self, predict: Predict, config: dict[str, Any], **options: Any) -> Tensor:
        steps = self.steps(config["steps"], config["eta"])
        return ddim(
            predict,
            self.case.inputs["x_T"],
            steps,
            prediction=self.prediction,
            noise=self.case.inputs["noise"],
            temperature=config.get("temperature", 1.0),
            **options,
        )

    def dpm_solver(self, **options: Any) -> DPMSolver:
        self.asked.clear()
        return DPMSolver(self.guided(), ContinuousSchedule(self.alphas_cumprod), self.prediction, **options)


def traced(run: Callable[..., Tensor], name: str, clean: bool = True, states: bool = True) -> Outputs:
    after: list[tuple[Tensor, Tensor]] = []
    yield f"{name}.final", run(on_step=lambda step, x, denoised: after.append((x, denoised)))
    if states:
        yield f"{name}.x", torch.stack([x for x, _ in after])
    if clean:
        yield f"{name}.pred_x0", torch.stack([denoised for _, denoised in after])


@golden("ldm_samplers")
def ldm_samplers(case: Case) -> Outputs:
    setting = Setting(case, Prediction.EPS)
    config, inputs = case.config, case.inputs
    for index, run in enumerate(config["ddim"]):
        yield from traced(partial(setting.ddim, setting.guided(), run), f"ddim{index}")
    yield "ddim_no_guidance.final", setting.ddim(setting.conditioned("cond"), config["ddim"][0])
    keep = inputs["mask"], inputs["x0"], inputs["noise"][16:]
    yield "ddim_masked.final", setting.ddim(setting.guided(), config["ddim_masked"], keep=keep)
    for count in config["plms"]:
        run_plms = partial(plms, setting.guided(), inputs["x_T"], setting.steps(count))
        yield from traced(run_plms, f"plms_{count}", clean=False)
    for count in config["dpm_solver_sampler"]:
        yield f"dpm_solver_sampler_{count}.final", setting.dpm_solver().sample(inputs["x_T"], count)
        yield f"dpm_solver_sampler_{count}.model_t", torch.tensor(setting.asked, dtype=torch.float64)
    for index, run in enumerate(config["dpm_solver"]):
        run = dict(run)
        estimate = "clean" if run.pop("predict_x0") else "noise"
        solver = setting.dpm_solver(estimate=estimate, solver_type=run.pop("solver_type"))
        yield f"dpm_solver{index}.final", solver.sample(inputs["x_T"], **run)
        yield f"dpm_solver{index}.model_t", torch.tensor(setting.asked, dtype=torch.float64)
    yield "dpm_solver_thresholding.final", setting.dpm_solver(thresholding=True).sample(inputs["x_T"], 5)
    for step in config["ddpm_steps"]:
        t = torch.full((len(inputs["x_T"]),), step)
        eps = setting.conditioned("cond")(inputs["x_T"], t)
        for name, clip in (("", False), ("_clipped", True)):
            stepped = setting.ddpm.ancestral_step(inputs["x_T"], t, eps, inputs["noise"][0], clip=clip)
            yield f"ddpm_t{step}{name}", stepped
    yield from process(setting.ddpm, config["ddpm_steps"][1], inputs)


def process(ddpm: DDPM, step: int, inputs: dict[str, Tensor]) -> Outputs:
    t = torch.full((len(inputs["x_T"]),), step)
    mean, variance, log_variance = ddpm.q_posterior(inputs["x0"], inputs["x_T"], t)
    yield "q_posterior.mean", mean
    yield "q_posterior.variance", variance
    yield "q_posterior.log_variance", log_variance
    yield "q_sample", ddpm.q_sample(inputs["x0"], t, inputs["noise"][0])
    yield "predict_start_from_noise", ddpm.predict_start_from_noise(inputs["x_T"], t, inputs["noise"][0])


@golden("sd2_samplers")
def sd2_samplers(case: Case) -> Outputs:
    config, inputs = case.config, case.inputs
    for prediction in (Prediction.V, Prediction.EPS):
        setting = Setting(case, prediction)
        for index, run in enumerate(config["ddim"]):
            yield from traced(partial(setting.ddim, setting.guided(), run), f"{prediction}.ddim{index}", states=False)
        scales = iter([setting.guided(scale) for scale in config["ucg_schedule"]])
        scheduled = setting.ddim(lambda x, t: next(scales)(x, t), config["ddim"][0])  # noqa: B023
        yield f"{prediction}.ddim_ucg_schedule.final", scheduled
        for count in config["dpm_solver"]:
            yield f"{prediction}.dpm_solver_{count}.final", setting.dpm_solver().sample(inputs["x_T"], count)
    steps, count = setting.steps(config["encode"]["steps"]), config["encode"]["t_enc"]
    for name, predict in (("encode", setting.conditioned("cond")), ("encode_guided", setting.guided())):
        yield name, ddim_invert(predict, inputs["x0"], steps, count, ask_at=range(count))
