"""k-diffusion: sigma schedules, the wrapper of discrete models, samplers, Brownian noise."""

from collections.abc import Callable
from functools import partial
from itertools import product
from typing import Any

import torch
from torch import Tensor

from graphengine.diffusion.sampling import schedules
from graphengine.diffusion.sampling.denoiser import Denoise, Predictor, per_image
from graphengine.diffusion.sampling.discrete import DiscreteSchedule, alphas_cumprod_of, make_betas
from graphengine.diffusion.sampling.noise import brownian_noise
from graphengine.diffusion.sampling.samplers import SAMPLERS
from graphengine.diffusion.sampling.samplers.steps import ancestral_step
from graphengine.diffusion.types import Prediction
from harness import Case, Outputs, golden

from .analytic import analytic_network

SPACINGS = {name: getattr(schedules, name) for name in ("karras", "exponential", "polyexponential", "vp")}
KINDS = [
    ("eps", Prediction.EPS, False),
    ("eps_quantized", Prediction.EPS, True),
    ("v", Prediction.V, False),
    ("v_quantized", Prediction.V, True),
]


def discrete_of(config: dict) -> DiscreteSchedule:
    betas = make_betas("linear", config["timesteps"], config["linear_start"], config["linear_end"])
    return DiscreteSchedule(alphas_cumprod_of(betas))


def squashing_network(x: Tensor, timestep: Tensor, context: Tensor, **_: Any) -> Tensor:
    return x.tanh() * (0.5 + per_image(timestep, x) / 1000)


@golden("k_schedules")
def k_schedules(case: Case) -> Outputs:
    for family, spacing in SPACINGS.items():
        for index, options in enumerate(case.config.get(family, [])):
            for n in case.config["ns"]:
                yield f"{family}{index}.n{n}", spacing(n, **options)
    discrete = discrete_of(case.config["discrete"])
    yield "alphas_cumprod", discrete.alphas_cumprod
    yield "discrete.sigmas", discrete.sigmas
    yield "discrete.t_to_sigma", discrete.t_to_sigma(case.inputs["t_query"])
    for n in case.config["ns"]:
        yield f"discrete.get_sigmas.n{n}", schedules.of_timesteps(discrete, n)
    yield "discrete.get_sigmas.all", schedules.with_zero(discrete.sigmas.flip(0))
    yield "discrete.sigma_to_t", discrete.sigma_to_t(case.inputs["sigma_query"])
    yield "discrete.sigma_to_t_quantized", discrete.sigma_to_t(case.inputs["sigma_query"], quantize=True)
    x, sigma = case.inputs["x"], case.inputs["sigma"]
    for name, prediction, quantize in KINDS:
        predictor = Predictor(squashing_network, prediction, discrete, quantize)
        yield f"{name}.denoised", predictor(x, sigma, torch.zeros(len(x), 1, 1))
        yield f"{name}.t", predictor.timestep(sigma)
    for index, eta in enumerate((0.0, 0.5, 1.0, 2.0)):
        yield f"ancestral{index}", torch.stack(ancestral_step(torch.tensor(7.0), torch.tensor(3.0), eta))


def mixture_denoiser(std: float, mean: Tensor) -> Denoise:
    def denoise(x: Tensor, sigma: Tensor) -> Tensor:
        x64, v, s2, m = x.double(), per_image(sigma.double(), x) ** 2, std**2, mean.double()
        return ((s2 * x64 + v * m * torch.tanh(m * x64 / (s2 + v))) / (s2 + v)).float()

    return denoise


class Recorder:
    """A guided denoiser, and the noise source beside it, that write down what they were asked."""

    def __init__(self, positive: Denoise, negative: Denoise, scale: float, noise: Tensor) -> None:
        self.positive, self.negative, self.scale, self.draws = positive, negative, scale, noise
        self.sigmas: list[float] = []
        self.asked: list[list[float]] = []

    def denoise(self, x: Tensor, sigma: Tensor) -> Tensor:
        self.sigmas.append(float(sigma[0]))
        negative = self.negative(x, sigma)
        return negative + self.scale * (self.positive(x, sigma) - negative)

    def noise(self, sigma: Tensor, sigma_next: Tensor) -> Tensor:
        self.asked.append([float(sigma), float(sigma_next)])
        return self.draws[(len(self.asked) - 1) % len(self.draws)]


def recorder(case: Case) -> Recorder:
    std = case.config["analytic_std"]
    return Recorder(
        mixture_denoiser(std, case.inputs["cond"]),
        mixture_denoiser(std, case.inputs["uncond"]),
        case.config["guidance_scale"],
        case.inputs["noise"],
    )


@golden("k_samplers")
def k_samplers(case: Case) -> Outputs:
    for schedule, options in case.config["sigma_schedules"].items():
        options = dict(options)
        sigmas = SPACINGS[options.pop("kind")](options.pop("n"), **options)
        yield f"{schedule}.sigmas", sigmas
        for index, (sampler, parameters) in enumerate(case.config["runs"]):
            record, name = recorder(case), f"{schedule}.{index:02d}_{sampler}"
            start = case.inputs["x"] * sigmas[0]
            yield name, SAMPLERS[sampler].run(record.denoise, start, sigmas, noise=record.noise, **parameters)
            yield f"{name}.model_sigmas", torch.tensor(record.sigmas)
            if f"{name}.noise_asked" in case.outputs:
                yield f"{name}.noise_asked", torch.tensor(record.asked)
    for index, (sampler, parameters) in enumerate(case.config["range_runs"]):
        record, name, parameters = recorder(case), f"range{index}_{sampler}", dict(parameters)
        bounds = parameters.pop("sigma_min"), parameters.pop("sigma_max")
        sigmas = schedules.karras(parameters.pop("n", 2), *bounds)
        reports: list = []
        if sampler == "dpm_adaptive":
            parameters["on_end"] = reports.append
        start = case.inputs["x"] * sigmas[0]
        yield name, SAMPLERS[sampler].run(record.denoise, start, sigmas, noise=record.noise, **parameters)
        yield f"{name}.model_sigmas", torch.tensor(record.sigmas)
        for report in reports:
            steps = report.accepted + report.rejected
            yield f"{name}.info", torch.tensor([steps, report.evaluations, report.accepted, report.rejected])


@golden("k_samplers_discrete")
def k_samplers_discrete(case: Case) -> Outputs:
    discrete = discrete_of(case.config)
    yield "alphas_cumprod", discrete.alphas_cumprod
    bounds = discrete.sigma_min, discrete.sigma_max
    spaced: dict[str, Callable[[int], Tensor]] = {
        "discrete": lambda n: schedules.of_timesteps(discrete, n),
        "karras": lambda n: schedules.karras(n, *bounds),
    }
    for schedule in case.config["schedules"]:
        yield f"{schedule}.sigmas", spaced[schedule](case.config["n"])
    for kind, prediction, quantize in KINDS:
        network = analytic_network(discrete, case.config["analytic_std"], prediction)
        predictor = Predictor(network, prediction, discrete, quantize)
        for schedule, sampler in product(case.config["schedules"], case.config["samplers"]):
            sigmas, name = spaced[schedule](case.config["n"]), f"{kind}.{schedule}.{sampler}"
            record = Recorder(
                partial(predict_under, predictor, case.inputs["cond"]),
                partial(predict_under, predictor, case.inputs["uncond"]),
                case.config["guidance_scale"],
                case.inputs["noise"],
            )
            start = case.inputs["x"] * sigmas[0]
            yield name, SAMPLERS[sampler].run(record.denoise, start, sigmas, noise=record.noise)
            yield f"{name}.model_t", predictor.timestep(torch.tensor(record.sigmas))


def predict_under(predictor: Predictor, context: Tensor, x: Tensor, sigma: Tensor) -> Tensor:
    return predictor(x, sigma, context)


@golden("k_brownian_noise")
def k_brownian_noise(case: Case) -> Outputs:
    config = case.config
    x = torch.empty(config["shape"])
    bounds = config["sigma_min"], config["sigma_max"]
    one = brownian_noise(x, *bounds, config["seed"])
    each = brownian_noise(x, *bounds, config["batch_seeds"])
    for index, (sigma, sigma_next) in enumerate(config["pairs"]):
        yield f"pair{index}", one(torch.tensor(sigma), torch.tensor(sigma_next))
        yield f"pair{index}_batch_seeds", each(torch.tensor(sigma), torch.tensor(sigma_next))
    logarithmic = brownian_noise(x, *bounds, config["seed"], torch.log)
    yield "log_transform_pair0", logarithmic(*map(torch.tensor, config["pairs"][0]))
