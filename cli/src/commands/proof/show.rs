//! `urne proof show`: what a proof of vote proves, in sentences and as codes to print or to scan. It never says what was chosen.
use super::super::verify::{Verified, verify};
use crate::{Context, exit::Failure, output::Output};
use clap::Args;
use qrcode::{
    EcLevel, QrCode,
    render::{svg, unicode},
};
use serde::Serialize;
use std::{
    fmt, fs,
    path::{Path, PathBuf},
};

/// Shows a proof of vote.
#[derive(Debug, Args)]
pub(crate) struct ShowArgs {
    /// What `urne proof` wrote
    file: PathBuf,
    /// The chain's genesis; this folder's by default
    #[arg(long, value_name = "FILE")]
    genesis: Option<PathBuf>,
    /// Write the codes as pictures: FILE.svg, or FILE-1.svg, FILE-2.svg, … where one code is too small
    #[arg(long, value_name = "FILE.svg")]
    qr: Option<PathBuf>,
}

#[derive(Serialize)]
struct Shown {
    #[serde(flatten)]
    verified: Verified,
    /// What the codes say: `urne verify` reads these lines.
    parts: Vec<String>,
    /// The pictures.
    pictures: Vec<PathBuf>,
    #[serde(skip)]
    drawn: Vec<String>,
}

impl ShowArgs {
    /// In the terminal, of this folder's chain.
    pub(in super::super) const fn in_terminal(file: PathBuf) -> Self {
        Self { file, genesis: None, qr: None }
    }
    pub(in super::super) fn run(self, context: &Context) -> Result<(), Failure> {
        let (verified, carried) = verify(context, &self.file, self.genesis.as_deref())?;
        let parts = carried.parts()?;
        let codes = parts.iter().map(|it| code(it)).collect::<Result<Vec<_>, _>>()?;
        let pictures = match &self.qr {
            Some(file) => draw(file, &codes)?,
            None => Vec::new(),
        };
        let in_terminal = |it: &QrCode| it.render::<unicode::Dense1x2>().build();
        let is_drawn = context.output == Output::Human && self.qr.is_none();
        let drawn = if is_drawn { codes.iter().map(in_terminal).collect() } else { Vec::new() };
        context.output.say(&Shown { verified, parts, pictures, drawn });
        Ok(())
    }
}

/// The least correction: a part that was not read whole is found out by its check, and scanned again.
fn code(part: &str) -> Result<QrCode, Failure> {
    QrCode::with_error_correction_level(part, EcLevel::L).map_err(|e| Failure::environment(format!("no code: {e}")))
}

fn draw(file: &Path, codes: &[QrCode]) -> Result<Vec<PathBuf>, Failure> {
    let mut pictures = Vec::new();
    for (at, code) in codes.iter().enumerate() {
        let stem = file.file_stem().and_then(|it| it.to_str()).unwrap_or("proof");
        let picture = match codes.len() {
            1 => file.to_owned(),
            _ => file.with_file_name(format!("{stem}-{}.svg", at + 1)),
        };
        let text = code.render::<svg::Color<'_>>().min_dimensions(400, 400).build();
        fs::write(&picture, text).map_err(|e| Failure::environment(format!("{}: {e}", picture.display())))?;
        pictures.push(picture);
    }
    Ok(pictures)
}

impl fmt::Display for Shown {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "{}", self.verified)?;
        writeln!(
            f,
            "It shows that this very ballot is in the urn and can no more be taken out. It does not show what was"
        )?;
        writeln!(f, "chosen, nor whose ballot it is.")?;
        for picture in &self.pictures {
            writeln!(f, "  code  {}", picture.display())?;
        }
        for (at, code) in (1..).zip(&self.drawn) {
            writeln!(f, "\n{code}\n  code {at} of {}", self.drawn.len())?;
        }
        write!(f, "Whoever scans it verifies it without any network: urne verify TEXT-OF-THE-CODES")
    }
}
