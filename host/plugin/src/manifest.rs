//! What a plugin says about its procedures, as it comes out of the component and as the host uses it.

use procedo_core::effect::Effect;
use procedo_core::manifest::{Manifest, Need};
use serde_json::Value;
use wasmtime::component::{ComponentType, Lift};

/// `procedure-info` of the WIT.
#[derive(ComponentType, Lift)]
#[component(record)]
pub struct ProcedureInfo {
    id: String,
    parameters: String,
    needs: Vec<NeedInfo>,
    locks: Vec<String>,
    steps: Vec<String>,
    supervised: bool,
    destructive: bool,
    section: Option<String>,
    texts: Vec<Catalogue>,
}

#[derive(ComponentType, Lift)]
#[component(record)]
pub struct NeedInfo {
    capability: String,
    resource: String,
    effect: EffectInfo,
}

#[derive(Clone, Copy, ComponentType, Lift)]
#[component(enum)]
#[repr(u8)]
#[expect(dead_code, reason = "wasmtime makes them from their numbers")]
pub enum EffectInfo {
    #[component(name = "read")]
    Read,
    #[component(name = "write")]
    Write,
    #[component(name = "destructive")]
    Destructive,
}

#[derive(ComponentType, Lift)]
#[component(record)]
pub struct Catalogue {
    language: String,
    messages: String,
}

/// The manifests, checked. Else the procedure's id and what is wrong.
pub fn manifests(infos: Vec<ProcedureInfo>) -> Result<Vec<Manifest>, (String, String)> {
    let mut manifests: Vec<Manifest> = Vec::with_capacity(infos.len());
    if infos.is_empty() {
        return Err((String::new(), "the plugin has no procedure".to_owned()));
    }
    for info in infos {
        let id = info.id.clone();
        let manifest = manifest(info).map_err(|reason| (id.clone(), reason))?;
        if manifests.iter().any(|other| other.id == id) {
            return Err((id, "the plugin has two procedures of this name".to_owned()));
        }
        manifests.push(manifest);
    }
    Ok(manifests)
}

fn manifest(info: ProcedureInfo) -> Result<Manifest, String> {
    let parameters: Value =
        serde_json::from_str(&info.parameters).map_err(|error| format!("parameters: not JSON: {error}"))?;
    let need = |need: NeedInfo| Need {
        capability: need.capability,
        resource: need.resource,
        effect: match need.effect {
            EffectInfo::Read => Effect::Read,
            EffectInfo::Write => Effect::Write,
            EffectInfo::Destructive => Effect::Destructive,
        },
    };
    let mut manifest = Manifest {
        id: info.id,
        parameters,
        needs: info.needs.into_iter().map(need).collect(),
        locks: info.locks,
        steps: info.steps,
        supervised: info.supervised,
        destructive: info.destructive,
        section: info.section,
        texts: Default::default(),
    };
    for Catalogue { language, messages } in info.texts {
        if manifest.texts.insert(language.clone(), messages).is_some() {
            return Err(format!("texts: two catalogues for “{language}”"));
        }
    }
    manifest
        .check()
        .map_err(|error| format!("{}: {}", error.field, error.reason))?;
    Ok(manifest)
}
