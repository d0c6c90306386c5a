//! Four sources laid over each other, each value remembering its own; a source that names what does not exist is refused.
use super::Config;
use serde::Serialize;
use std::{
    collections::BTreeMap,
    io,
    path::{Path, PathBuf},
};
use toml::{Table, Value};

/// Where a value comes from.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Origin {
    /// This file of code.
    Default,
    /// The machine's config.toml.
    File(PathBuf),
    /// A variable of the environment.
    Environment(String),
    /// The command line.
    Flag(String),
}
impl std::fmt::Display for Origin {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Default => f.write_str("default"),
            Self::File(path) => write!(f, "{}", path.display()),
            Self::Environment(name) => write!(f, "environment {name}"),
            Self::Flag(name) => write!(f, "flag {name}"),
        }
    }
}

/// Why the settings are refused.
#[derive(Debug, thiserror::Error)]
pub enum ConfigError {
    /// Not a setting of ours.
    #[error("unknown setting '{key}' ({origin}): {hint}")]
    Unknown {
        /// As written.
        key: String,
        /// Where.
        origin: Origin,
        /// What to write instead.
        hint: String,
    },
    /// A value of another kind, or out of bounds.
    #[error("setting '{key}' ({origin}) is refused: {cause}")]
    Refused {
        /// Which.
        key: String,
        /// Where.
        origin: Origin,
        /// Why.
        cause: String,
    },
    /// Not TOML.
    #[error("{path} is not TOML: {cause}")]
    NotToml {
        /// Which file.
        path: PathBuf,
        /// Why.
        cause: String,
    },
    /// Not readable.
    #[error("{path} cannot be read ({source}): run `urne init` first, or choose another --home")]
    Disk {
        /// Which file.
        path: PathBuf,
        /// The system's answer.
        source: io::Error,
    },
}

/// A setting of the command line.
#[derive(Clone, Debug)]
pub struct Flag {
    /// As typed, for instance `--api-listen`.
    pub name: String,
    /// Which setting, for instance `api.listen`.
    pub key: String,
    /// Its value, as text.
    pub value: String,
}

/// One value, as `urne config show` prints it.
#[derive(Clone, Debug, Serialize)]
pub struct Setting {
    /// `section.name`.
    pub key: String,
    /// In force.
    pub value: Value,
    /// Where it comes from.
    pub origin: Origin,
}

/// The settings in force and where they come from.
#[derive(Clone, Debug)]
pub struct Loaded {
    /// The settings.
    pub config: Config,
    /// Each of them, by key.
    pub settings: Vec<Setting>,
}

type Layered = BTreeMap<String, (Value, Origin)>;

impl Loaded {
    /// Lays the four sources over each other. `file` may be none (a client without a home); `environment` is usually
    /// `std::env::vars()`, of which only `URNE_<SECTION>_<NAME>` matter.
    ///
    /// # Errors
    /// [`ConfigError`].
    pub fn load(
        file: Option<&Path>,
        environment: impl IntoIterator<Item = (String, String)>,
        flags: &[Flag],
    ) -> Result<Self, ConfigError> {
        let mut layered = defaults();
        if let Some(path) = file {
            let text =
                std::fs::read_to_string(path).map_err(|source| ConfigError::Disk { path: path.to_owned(), source })?;
            lay_file(&mut layered, path, &text)?;
        }
        lay_environment(&mut layered, environment)?;
        for flag in flags {
            lay_text(&mut layered, &flag.key, &flag.value, Origin::Flag(flag.name.clone()))?;
        }
        let config = assemble(&layered)?;
        let settings = layered.into_iter().map(|(key, (value, origin))| Setting { key, value, origin }).collect();
        Ok(Self { config, settings })
    }
}

/// Every setting has a default, so the defaults are also the list of settings.
fn defaults() -> Layered {
    let Ok(Value::Table(sections)) = Value::try_from(Config::default()) else { unreachable!("settings are a table") };
    let mut layered = Layered::new();
    for (section, values) in sections {
        let Value::Table(values) = values else { unreachable!("every section is a table") };
        for (name, value) in values {
            layered.insert(format!("{section}.{name}"), (value, Origin::Default));
        }
    }
    layered
}

fn lay_file(layered: &mut Layered, path: &Path, text: &str) -> Result<(), ConfigError> {
    let table: Table = text
        .parse()
        .map_err(|e: toml::de::Error| ConfigError::NotToml { path: path.to_owned(), cause: e.to_string() })?;
    let origin = Origin::File(path.to_owned());
    for (section, values) in table {
        let Value::Table(values) = values else { return Err(unknown(layered, &section, origin)) };
        if values.is_empty() && !layered.keys().any(|it| section_of(it) == section) {
            return Err(unknown(layered, &section, origin));
        }
        for (name, value) in values {
            lay(layered, &format!("{section}.{name}"), value, origin.clone())?;
        }
    }
    Ok(())
}

fn lay_environment(
    layered: &mut Layered,
    environment: impl IntoIterator<Item = (String, String)>,
) -> Result<(), ConfigError> {
    let names: BTreeMap<String, String> = layered.keys().map(|key| (variable_of(key), key.clone())).collect();
    let prefixes: Vec<String> = layered.keys().map(|key| format!("URNE_{}_", section_of(key).to_uppercase())).collect();
    for (name, value) in environment {
        let origin = Origin::Environment(name.clone());
        if let Some(key) = names.get(&name) {
            lay_text(layered, key, &value, origin)?;
        } else if prefixes.iter().any(|it| name.starts_with(it.as_str())) {
            return Err(unknown(layered, &name, origin));
        }
    }
    Ok(())
}

/// Lays a value given as text: a list is separated by commas, or TOML in brackets.
fn lay_text(layered: &mut Layered, key: &str, text: &str, origin: Origin) -> Result<(), ConfigError> {
    let Some((default, _)) = layered.get(key) else { return Err(unknown(layered, key, origin)) };
    let value = match default {
        Value::String(_) => Value::String(text.to_owned()),
        Value::Array(_) if !text.trim_start().starts_with('[') => Value::Array(
            text.split(',').filter(|it| !it.is_empty()).map(|it| Value::String(it.trim().into())).collect(),
        ),
        _ => parse_value(text).map_err(|cause| ConfigError::Refused {
            key: key.into(),
            origin: origin.clone(),
            cause,
        })?,
    };
    lay(layered, key, value, origin)
}

fn parse_value(text: &str) -> Result<Value, String> {
    let mut table: Table = format!("value = {text}").parse().map_err(|_| format!("'{text}' is not a TOML value"))?;
    table.remove("value").filter(|_| table.is_empty()).ok_or_else(|| format!("'{text}' is not one TOML value"))
}

fn lay(layered: &mut Layered, key: &str, value: Value, origin: Origin) -> Result<(), ConfigError> {
    let Some(place) = layered.get_mut(key) else { return Err(unknown(layered, key, origin)) };
    *place = (value, origin);
    // Each value is tried as it is laid, so that the message names the one at fault.
    assemble(layered).map(|_| ()).map_err(|e| match (e, layered.get(key)) {
        (ConfigError::Refused { cause, .. }, Some((_, origin))) => {
            ConfigError::Refused { key: key.into(), origin: origin.clone(), cause }
        }
        (e, _) => e,
    })
}

fn assemble(layered: &Layered) -> Result<Config, ConfigError> {
    let mut sections = Table::new();
    for (key, (value, _)) in layered {
        let (section, name) = key.split_once('.').expect("every key has a section");
        let section = sections.entry(section).or_insert_with(|| Value::Table(Table::new()));
        section.as_table_mut().expect("every section is a table").insert(name.into(), value.clone());
    }
    let refused = |cause: String| ConfigError::Refused { key: String::new(), origin: Origin::Default, cause };
    let config: Config =
        Value::Table(sections).try_into().map_err(|e: toml::de::Error| refused(e.message().to_owned()))?;
    match config.fault() {
        Some(cause) => Err(refused(cause)),
        None => Ok(config),
    }
}

fn unknown(layered: &Layered, key: &str, origin: Origin) -> ConfigError {
    let section = section_of(key);
    let names: Vec<&str> = layered.keys().map(String::as_str).filter(|it| section_of(it) == section).collect();
    let hint = if names.is_empty() {
        let mut sections: Vec<&str> = layered.keys().map(|it| section_of(it)).collect();
        sections.dedup();
        format!("the sections are {}", sections.join(", "))
    } else {
        format!("this section has {}", names.join(", "))
    };
    ConfigError::Unknown { key: key.into(), origin, hint }
}

fn section_of(key: &str) -> &str {
    key.split_once('.').map_or(key, |(section, _)| section)
}

fn variable_of(key: &str) -> String {
    format!("URNE_{}", key.replace('.', "_").to_uppercase())
}
