//! What members are written, in French and in English: once a letter with what is hers, and each time a code.
use crate::{codes::Code, courier::Message, entry::Salt, ledger::Issuance};
use std::fmt::Write as _;
use urne_types::{ChainId, election::CensusEntry};

/// What a member keeps: with it she finds her entry on the ledger, and sees whether somebody else was given a credential in
/// her place.
pub struct Letter<'a> {
    /// As she is called.
    pub name: &'a str,
    /// By what registrars know her.
    pub identifier: &'a str,
    /// Where she is written to.
    pub contact: &'a str,
    /// The chain.
    pub chain: &'a ChainId,
    /// Her entry.
    pub entry: &'a CensusEntry,
    /// What makes it unguessable.
    pub salt: &'a Salt,
    /// The addresses of the registrars.
    pub registrars: &'a [String],
}

impl Letter<'_> {
    /// The letter, ready for a courier.
    #[must_use]
    pub fn message(&self) -> Message {
        let Self { name, identifier, contact, chain, entry, salt, registrars } = self;
        let (college, member, salt) = (entry.college, entry.member, salt.expose());
        let mut text = String::new();
        let _ = writeln!(
            text,
            "{name},\n\n\
             vous voterez avec une clé que personne ne peut rattacher à vous. Gardez cette lettre : elle est à vous seule.\n\
             You will vote with a key that nobody can trace to you. Keep this letter: it is yours alone.\n\n\
             identifiant / identifier   {identifier}\n\
             collège / college          {college}\n\
             inscription / entry        {member}\n\
             sel / salt                 {salt}\n\
             chaîne / chain             {chain}\n"
        );
        if !registrars.is_empty() {
            let _ = writeln!(text, "bureaux / registrars       {}\n", registrars.join("\n                           "));
        }
        let _ = writeln!(
            text,
            "Votre demande, quand elle commence / Your request, when it begins:\n  \
             urne credential request --election … --college {college} --identity … --key …\n\
             Une demande que vous n'avez pas faite se voit ici / A request that you did not make shows here:\n  \
             urne credential entry --election … --college {college} --identity … --salt …"
        );
        Message { to: (*contact).to_owned(), subject: "Votre droit de vote / Your right to vote", text }
    }
}

/// A code, ready for a courier.
pub(crate) fn code(contact: &str, issuance: &Issuance, code: &Code) -> Message {
    let (election, code) = (&issuance.title, code.expose());
    let text = format!(
        "{election}\n\n\
         Votre code : {code} (valable un quart d'heure). Si vous n'avez rien demandé, ne le donnez à personne.\n\
         Your code: {code} (good for a quarter of an hour). If you have asked for nothing, give it to nobody.\n"
    );
    Message { to: contact.to_owned(), subject: "Votre code / Your code", text }
}
