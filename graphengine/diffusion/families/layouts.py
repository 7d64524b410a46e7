"""Where networks lie in files, as every family's signatures say it."""

DENOISER = ("model.diffusion_model.", "diffusion_model.", "model.", "unet.", "")
AUTOENCODER = ("first_stage_model.", "vae.", "")
CONTROL = ("control_model.", "")
CLIP = (
    "cond_stage_model.transformer.",
    "conditioner.embedders.0.transformer.",
    "text_encoders.clip_l.transformer.",
    "text_encoders.clip_g.transformer.",
    "text_encoder.",
    "",
)
OPENCLIP = ("cond_stage_model.model.", "conditioner.embedders.0.model.", "conditioner.embedders.1.model.", "")
T5 = ("text_encoders.t5xxl.transformer.", "")
