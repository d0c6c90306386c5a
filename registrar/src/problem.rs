//! What this door can refuse, by number. A rule of the protocol keeps its own (`urne_types::Rejection`, below 900), a node's
//! API has 900 to 949.
use crate::{book::BookError, ledger::LedgerError};
use axum::response::{IntoResponse, Response};
use urne_ballot::Refusal;
use urne_shell::http::{NoBody, problem};
use urne_types::Rejection;

urne_types::numbered! {
/// What a registrar refuses.
pub enum Fault {
    950 UnknownRoute "unknown_registrar_route" 404 "there is nothing at this address: a registrar takes POST /v1/codes and /v1/requests" "il n'y a rien à cette adresse : un bureau accepte POST /v1/codes et /v1/requests";
    951 MethodNotAllowed "registrar_method" 405 "this address does not take this method" "cette adresse n'accepte pas cette méthode";
    952 BodyTooLarge "registrar_body_too_large" 413 "the body is larger than any request" "le corps dépasse toute demande";
    953 RequestTimeout "registrar_timeout" 408 "the request did not arrive in time" "la requête n'est pas arrivée à temps";
    954 RateLimited "registrar_rate" 429 "too many requests from this address: wait as long as Retry-After says" "trop de requêtes depuis cette adresse : attendez le temps indiqué par Retry-After";
    955 BadRequest "registrar_bad_request" 400 "the body is not the JSON that this address takes" "le corps n'est pas le JSON que cette adresse accepte";
    956 Busy "registrar_busy" 503 "the registrar has more to do than it can: try again soon" "le bureau est débordé : réessayez bientôt";
    957 LedgerSilent "ledger_silent" 503 "the registrar's node does not answer: try again soon" "le nœud du bureau ne répond pas : réessayez bientôt";
    958 NotOurs "not_our_election" 404 "there is no such election, or this registrar signs no credentials of it, or has not its roll" "cette élection n'existe pas, ou ce bureau n'en signe pas les clés de vote, ou n'en a pas la liste";
    959 NotAuthenticated "not_authenticated" 403 "nobody on the roll is authenticated so: the code is wrong, too old or tried too often, or the identifier or college is another; ask for another code" "personne de la liste n'est authentifié ainsi : le code est faux, trop ancien ou trop essayé, ou l'identifiant ou le collège est autre ; demandez un autre code";
    960 AnotherRequest "another_request" 409 "another request of this member was approved before, and stands for ever: use the key file that made it" "une autre demande de ce membre a déjà été approuvée, définitivement : utilisez le fichier de clé qui l'a faite";
    961 NotNow "issuance_not_on" 409 "credentials of this election are not given now" "les clés de vote de cette élection ne sont pas délivrées en ce moment";
    962 Unable "registrar_unable" 500 "the registrar cannot write what it approves: its operator should look at its log" "le bureau ne peut pas écrire ce qu'il approuve : son exploitant doit regarder son journal";
}
}

/// An error on its way to a client. Boxed: answers travel through results.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Problem(Box<problem::Problem>);

impl Problem {
    /// As a client reads it.
    #[must_use]
    pub fn body(&self) -> &problem::Problem {
        &self.0
    }
    /// Adds what is particular to this occurrence; never a word about a person.
    #[must_use]
    pub(crate) fn hint(mut self, hint: impl Into<String>) -> Self {
        self.0.hint = Some(hint.into());
        self
    }
    pub(crate) fn retry_after_s(mut self, seconds: u64) -> Self {
        self.0.retry_after_s = Some(seconds.max(1));
        self
    }
}

impl From<Fault> for Problem {
    fn from(it: Fault) -> Self {
        Self(Box::new(problem::Problem::new(it.code(), it.name(), it.http_status(), it.english(), it.french())))
    }
}
impl From<Refusal> for Problem {
    /// The cryptography's refusals are rules of the protocol under the same numbers.
    fn from(it: Refusal) -> Self {
        Rejection::from_code(it.code()).unwrap_or(Rejection::Malformed).into()
    }
}
impl From<Rejection> for Problem {
    fn from(row: Rejection) -> Self {
        let (code, name) = (row.code(), row.name());
        Self(Box::new(problem::Problem::new(code, name, row.http_status(), row.english(), row.french())))
    }
}
impl From<LedgerError> for Problem {
    fn from(it: LedgerError) -> Self {
        tracing::warn!(error = %it, "the ledger could not be asked");
        Fault::LedgerSilent.into()
    }
}
impl From<BookError> for Problem {
    fn from(it: BookError) -> Self {
        tracing::error!(error = %it, "nothing is approved");
        Fault::Unable.into()
    }
}
impl From<NoBody> for Problem {
    fn from(it: NoBody) -> Self {
        Self::from(match it {
            NoBody::TooLarge => Fault::BodyTooLarge,
            NoBody::Late => Fault::RequestTimeout,
            NoBody::Broken => Fault::BadRequest,
        })
    }
}
impl IntoResponse for Problem {
    fn into_response(self) -> Response {
        self.0.as_ref().into_response()
    }
}
