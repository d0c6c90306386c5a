//! Tables of refusals: one row is one rule, with the number and the name that programs rely on, the HTTP status that goes
//! with it, and one sentence in two languages. Numbers are never reused.

/// Makes an error type out of such a table.
///
/// ```
/// urne_types::numbered! {
///     /// What a door can refuse.
///     pub enum Refusal {
///         1 Shut "shut" 409 "the door is shut" "la porte est fermée";
///     }
/// }
/// assert_eq!((Refusal::Shut.code(), Refusal::from_code(1)), (1, Some(Refusal::Shut)));
/// assert_eq!(Refusal::Shut.to_string(), "the door is shut");
/// ```
#[macro_export]
macro_rules! numbered {
    ($(#[$about:meta])* pub enum $table:ident {
        $($code:literal $name:ident $snake:literal $http:literal $english:literal $french:literal;)*
    }) => {
        $(#[$about])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
        #[repr(u16)]
        pub enum $table {
            $(#[doc = $english] $name = $code,)*
        }
        impl $table {
            /// All rows, by number.
            pub const ALL: &'static [Self] = &[$(Self::$name),*];
            /// The stable number.
            #[must_use]
            pub const fn code(self) -> u16 {
                self as u16
            }
            /// The stable name, in snake case.
            #[must_use]
            pub const fn name(self) -> &'static str {
                match self { $(Self::$name => $snake),* }
            }
            /// The HTTP status that goes with it.
            #[must_use]
            pub const fn http_status(self) -> u16 {
                match self { $(Self::$name => $http),* }
            }
            /// One sentence, in English.
            #[must_use]
            pub const fn english(self) -> &'static str {
                match self { $(Self::$name => $english),* }
            }
            /// One sentence, in French.
            #[must_use]
            pub const fn french(self) -> &'static str {
                match self { $(Self::$name => $french),* }
            }
            /// The row of a number.
            #[must_use]
            pub fn from_code(code: u16) -> Option<Self> {
                Self::ALL.iter().copied().find(|it| it.code() == code)
            }
        }
        impl ::std::fmt::Display for $table {
            fn fmt(&self, f: &mut ::std::fmt::Formatter<'_>) -> ::std::fmt::Result {
                f.write_str(self.english())
            }
        }
        impl ::std::error::Error for $table {}
    };
}
