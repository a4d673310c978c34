//! A JSON object that is read field by field. What nobody takes is refused, by its path: so no field of a request can
//! be dropped in silence, whatever a provider adds tomorrow; only a gateway that is told to be lenient drops it. A field
//! that is null is as good as absent.

use std::fmt;

use aigateway_config::provider::UnsupportedFields;
use serde::de::{Error, MapAccess, Visitor};
use serde::{Deserialize, Deserializer};
use serde_json::value::RawValue;

use crate::provider::conversation::Text;
use crate::provider::reply::Untranslatable;

/// The most fields of an object: OpenAI's largest has 40. It bounds the search for one.
const MAX_FIELDS: usize = 100;

/// Where in the body something stands. Written out only for an error.
#[derive(Clone, Copy)]
pub(crate) enum Place<'p> {
    /// The body itself, and what becomes of what nobody takes.
    Root(UnsupportedFields),
    /// A field of an object.
    Field(&'p Place<'p>, &'p str),
    /// An item of an array.
    Item(&'p Place<'p>, usize),
}

impl fmt::Display for Place<'_> {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Root(_) => Ok(()),
            Self::Field(Self::Root(_), name) => write!(out, "{name}"),
            Self::Field(parent, name) => write!(out, "{parent}.{name}"),
            Self::Item(parent, index) => write!(out, "{parent}[{index}]"),
        }
    }
}

impl Place<'_> {
    /// That what stands here can't be translated.
    pub(crate) fn refuse(&self, reason: impl Into<String>) -> Untranslatable {
        let field = match self {
            Self::Root(_) => "the body".to_owned(),
            Self::Field(..) | Self::Item(..) => self.to_string(),
        };
        Untranslatable { field, reason: reason.into() }
    }

    /// The same, but that it may be left out where the gateway is told to be lenient.
    ///
    /// # Errors
    /// It is refused.
    pub(crate) fn unsupported(&self, reason: &str) -> Result<(), Untranslatable> {
        match self {
            Self::Root(UnsupportedFields::Drop) => Ok(()),
            Self::Root(UnsupportedFields::Refuse) => Err(self.refuse(reason)),
            Self::Field(parent, _) | Self::Item(parent, _) => {
                parent.unsupported(reason).map_err(|_| self.refuse(reason))
            }
        }
    }

    /// Reads what stands here as a `T`, which an error calls `what`.
    pub(crate) fn read<'a, T: Deserialize<'a>>(&self, json: &'a RawValue, what: &str) -> Result<T, Untranslatable> {
        serde_json::from_str(json.get()).map_err(|_| self.refuse(format!("it is not {what}")))
    }
}

/// The fields of an object that have not been taken yet.
pub(crate) struct Fields<'a>(Vec<(Text<'a>, &'a RawValue)>);

impl<'a> Fields<'a> {
    /// Takes a field as it stands.
    pub(crate) fn take(&mut self, name: &str) -> Option<&'a RawValue> {
        let at = self.0.iter().position(|(known, _)| &**known == name)?;
        Some(self.0.remove(at).1)
    }

    /// Takes a field as a `T`, which an error calls `what`.
    pub(crate) fn take_as<T: Deserialize<'a>>(
        &mut self,
        place: &Place<'_>,
        name: &str,
        what: &str,
    ) -> Result<Option<T>, Untranslatable> {
        self.take(name).map(|json| Place::Field(place, name).read(json, what)).transpose()
    }

    /// The same, of a field that must be there.
    pub(crate) fn need<T: Deserialize<'a>>(
        &mut self,
        place: &Place<'_>,
        name: &str,
        what: &str,
    ) -> Result<T, Untranslatable> {
        let found = self.take_as(place, name, what)?;
        found.ok_or_else(|| Place::Field(place, name).refuse(format!("it is missing: {what}")))
    }

    /// Takes a field whose value changes nothing when it is `harmless`, and is left for [`Fields::done`] to refuse
    /// otherwise.
    pub(crate) fn forgive(&mut self, name: &str, harmless: impl Fn(&str) -> bool) {
        self.0.retain(|(known, json)| &**known != name || !harmless(json.get()));
    }

    /// That all of them have been taken.
    pub(crate) fn done(self, place: &Place<'_>) -> Result<(), Untranslatable> {
        match self.0.first() {
            None => Ok(()),
            Some((name, _)) => Place::Field(place, name).unsupported("it has no counterpart there; leave it out"),
        }
    }
}

impl<'de> Deserialize<'de> for Fields<'de> {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        from.deserialize_map(FieldsVisitor)
    }
}

struct FieldsVisitor;

impl<'de> Visitor<'de> for FieldsVisitor {
    type Value = Fields<'de>;

    fn expecting(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "an object of at most {MAX_FIELDS} fields, each of its own name")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Fields<'de>, A::Error> {
        let mut fields: Vec<(Text<'de>, &'de RawValue)> = Vec::new();
        while let Some((name, json)) = map.next_entry::<Text<'de>, &'de RawValue>()? {
            if fields.len() == MAX_FIELDS || fields.iter().any(|(known, _)| *known == name) {
                return Err(A::Error::custom("too many fields, or one twice"));
            }
            fields.push((name, json));
        }
        fields.retain(|(_, json)| json.get() != "null");
        Ok(Fields(fields))
    }
}
