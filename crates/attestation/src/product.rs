//! Names: chips, families, and what the vendor calls its manifests.

use crate::certificate::Certificate;
use crate::opaque::Opaque;

/// The chip a leaf certificate was issued to: from its device id (`NVIDIA:GH100:…`), else its common name.
pub fn chip(leaf: Option<&Certificate>) -> Option<String> {
    let leaf = leaf?;
    let from_id = leaf.device_id.as_deref().and_then(|id| id.split(':').nth(1));
    let from_name =
        || leaf.common_name().split(' ').next().filter(|w| w.chars().any(|c| c.is_ascii_digit()));
    let name = from_id.or_else(from_name)?;
    let plain: String = name.chars().filter(char::is_ascii_alphanumeric).collect();
    (!plain.is_empty()).then_some(plain)
}

/// Whether it is a switch: by chip, else by how the report writes its BIOS version, else as the file says.
pub fn is_switch(chip: Option<&str>, opaque: &Opaque, arch: Option<&str>) -> bool {
    match chip {
        Some(chip) => chip.starts_with("LS"),
        None if opaque.field(6).is_some() => opaque.is_switch(),
        None => arch.is_some_and(|a| a.to_ascii_uppercase().starts_with("LS")),
    }
}

/// Marketing name of the family, as audits name products.
pub fn family(chip: &str) -> Option<&'static str> {
    match chip.get(..2)? {
        "GH" => Some("Hopper"),
        "GB" => Some("Blackwell"),
        "LS" => Some("NVSwitch"),
        "GA" => Some("Ampere"),
        _ => None,
    }
}

/// The ids under which the vendor publishes the manifests of a device: slot and id.
pub fn manifest_ids(
    opaque: &Opaque,
    switch: bool,
    chip: Option<&str>,
) -> Vec<(&'static str, String)> {
    let dense = |version: String| version.replace('.', "").to_ascii_uppercase();
    let board = |version: String| {
        let parts = opaque.board().map(|[project, sku, chip]| format!("{project}_{sku}_{chip}"));
        let parts = parts.map_or_else(|| "<board>".to_owned(), |p| p.to_ascii_uppercase());
        format!("{parts}_{}", dense(version))
    };
    if switch {
        let bios = opaque.vbios().map(|v| ("bios", format!("NV_SWITCH_BIOS_{}", board(v))));
        return bios.into_iter().collect();
    }
    let mut ids = Vec::new();
    if let Some(driver) = opaque.driver() {
        let id = match chip {
            Some(chip) if chip.starts_with("GB") => {
                let name = opaque.chip_info().unwrap_or_else(|| chip.to_owned());
                format!("NV_GPU_CC_DRIVER_{name}_{driver}")
            }
            chip => format!("NV_GPU_DRIVER_{}_{driver}", chip.unwrap_or("<chip>")),
        };
        ids.push(("driver", id));
    }
    ids.extend(opaque.vbios().map(|v| ("vbios", format!("NV_GPU_VBIOS_{}", board(v)))));
    ids
}
