//! A procedure with its manifest, and how the host's two calls reach it.

use crate::{Catalogue, Effect, Failure, Kind, Need, ProcedureInfo};
use schemars::JsonSchema;
use serde::Serialize;
use serde::de::DeserializeOwned;

/// From parameters to result, both as JSON.
type Work = dyn Fn(&str) -> Result<String, Failure>;

/// A procedure with its manifest.
pub struct Procedure {
    info: ProcedureInfo,
    // The schema is made only when the host asks for the manifest, not for every run.
    schema: fn() -> String,
    work: Box<Work>,
}

impl Procedure {
    /// The procedure `id` (such as `web/localize-components`), done by a function from its parameters to its result. The
    /// parameters' doc comments are read by people where the catalogue has no `param-NAME`.
    pub fn new<P, R>(id: &str, work: impl Fn(P) -> Result<R, Failure> + 'static) -> Self
    where
        P: DeserializeOwned + JsonSchema,
        R: Serialize,
    {
        Self {
            info: ProcedureInfo {
                id: id.to_owned(),
                parameters: String::new(),
                needs: Vec::new(),
                locks: Vec::new(),
                steps: Vec::new(),
                supervised: false,
                destructive: false,
                section: None,
                texts: Vec::new(),
            },
            schema: || schemars::schema_for!(P).as_value().to_string(),
            work: Box::new(move |params| {
                let params = serde_json::from_str(params).map_err(|error| {
                    Failure::new(
                        Kind::Invalid,
                        "params",
                        format!("The parameters do not fit: {error}"),
                    )
                })?;
                serde_json::to_string(&work(params)?).map_err(|error| {
                    Failure::new(Kind::Failed, "result", format!("The result is not JSON: {error}"))
                })
            }),
        }
    }

    /// It uses a capability on a resource with at most this effect. `$NAME` stands for the value of the parameter NAME, `*`
    /// for any resource.
    #[must_use]
    pub fn needs(mut self, capability: &str, resource: &str, effect: Effect) -> Self {
        self.info.needs.push(Need {
            capability: capability.to_owned(),
            resource: resource.to_owned(),
            effect,
        });
        self
    }

    /// It holds a lock while it changes things. `$NAME` stands for the value of the parameter NAME.
    #[must_use]
    pub fn lock(mut self, name: &str) -> Self {
        self.info.locks.push(name.to_owned());
        self
    }

    /// The names of its steps and verifications, in order.
    #[must_use]
    pub fn steps(mut self, names: &[&str]) -> Self {
        self.info.steps = names.iter().map(|name| (*name).to_owned()).collect();
        self
    }

    /// The section of the manual it comes from.
    #[must_use]
    pub fn section(mut self, section: &str) -> Self {
        self.info.section = Some(section.to_owned());
        self
    }

    /// A second person must approve each run.
    #[must_use]
    pub fn supervised(mut self) -> Self {
        self.info.supervised = true;
        self
    }

    /// It destroys something on purpose.
    #[must_use]
    pub fn destructive(mut self) -> Self {
        self.info.destructive = true;
        self
    }

    /// Its messages in a language (`en` must be there), in the Fluent format: `title`, `summary`, `param-NAME`, `step-NAME`,
    /// and what its texts refer to.
    #[must_use]
    pub fn text(mut self, language: &str, messages: &str) -> Self {
        self.info.texts.push(Catalogue {
            language: language.to_owned(),
            messages: messages.to_owned(),
        });
        self
    }

    /// The manifest as the host gets it.
    pub fn info(&self) -> ProcedureInfo {
        ProcedureInfo {
            parameters: (self.schema)(),
            ..self.info.clone()
        }
    }

    /// Does it with parameters given as JSON; the result is JSON too.
    pub fn perform(&self, params: &str) -> Result<String, Failure> {
        (self.work)(params)
    }
}

/// The manifests of a plugin's procedures.
pub fn list(procedures: &[Procedure]) -> Vec<ProcedureInfo> {
    procedures.iter().map(Procedure::info).collect()
}

/// Does one of a plugin's procedures.
pub fn perform(procedures: &[Procedure], id: &str, params: &str) -> Result<String, Failure> {
    #[cfg(target_arch = "wasm32")]
    tell_panics();
    match procedures.iter().find(|procedure| procedure.info.id == id) {
        Some(procedure) => procedure.perform(params),
        None => Err(Failure::new(
            Kind::NotFound,
            "procedure",
            format!("This plugin has no procedure “{id}”."),
        )),
    }
}

/// A panic ends the plugin by a trap, which has no words; so they go into the run's record before.
#[cfg(target_arch = "wasm32")]
fn tell_panics() {
    std::panic::set_hook(Box::new(|panic| {
        // Nothing is left to do if even that fails.
        let _ = crate::run::log(crate::run::Level::Warning, &crate::Text::new(panic.to_string()));
    }));
}

#[cfg(test)]
mod tests {
    use super::*;

    #[derive(serde::Deserialize, JsonSchema)]
    #[serde(deny_unknown_fields)]
    struct Params {
        /// A number to double.
        number: u32,
    }

    fn double(params: Params) -> Result<u32, Failure> {
        match params.number {
            0 => Err(Failure::new(Kind::Invalid, "D0001", crate::text!("zero"))),
            number => Ok(number * 2),
        }
    }

    fn doubling() -> Procedure {
        Procedure::new("example/double", double)
            .steps(&["only"])
            .needs("files", "$root", Effect::Write)
            .text("en", "title = T")
    }

    #[test]
    fn the_manifest_has_the_schema_of_the_parameters_and_their_doc_comments() {
        let info = doubling().info();
        let schema: serde_json::Value = serde_json::from_str(&info.parameters).expect("JSON");
        assert_eq!(schema["type"], "object");
        assert_eq!(schema["required"], serde_json::json!(["number"]));
        assert_eq!(
            schema["properties"]["number"]["description"],
            "A number to double."
        );
        assert_eq!(info.steps, ["only"]);
        assert_eq!(info.needs[0].resource, "$root");
    }

    #[test]
    fn parameters_and_result_are_json() {
        let all = [doubling()];
        assert_eq!(
            perform(&all, "example/double", r#"{"number":21}"#).map_err(|f| f.code),
            Ok("42".to_owned())
        );
        assert_eq!(
            perform(&all, "example/double", r#"{"number":0}"#).map_err(|f| f.code),
            Err("D0001".to_owned())
        );
        assert_eq!(
            perform(&all, "example/double", r#"{"other":0}"#).map_err(|f| f.code),
            Err("params".to_owned())
        );
        assert_eq!(
            perform(&all, "example/triple", "{}").map_err(|f| f.code),
            Err("procedure".to_owned())
        );
    }
}
