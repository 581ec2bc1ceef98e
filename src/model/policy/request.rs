//! What is asked of the policies.

use super::keys::{Held, Keys};
use super::principal::Principal;
use super::text::Text;

/// The end of a resource's ARN that stands for any object of a bucket.
pub const ANY_OBJECT: &str = "/(object.any)";

/// A request, as the policies see it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Request {
    /// The action, such as `s3:GetObject`.
    pub action: String,
    /// The ARN of what it is about; nothing where that is not known. With
    /// [`ANY_OBJECT`] at its end it is about an object that nobody named.
    pub resource: Option<String>,
    /// Who asks.
    pub principal: Principal,
    /// What else it carries. `aws:PrincipalArn` and the other keys that follow
    /// from the principal need not be said.
    pub keys: Keys,
}

/// A request made ready for comparisons.
pub(super) struct Asked<'a> {
    /// The action as it was asked.
    pub action_name: &'a str,
    /// The same in lower case.
    pub action: Text,
    pub resource: Text,
    /// The resource for people: `*` for an object that nobody named.
    pub resource_name: String,
    pub principal: &'a Principal,
    pub keys: &'a Keys,
}

impl<'a> Asked<'a> {
    pub(super) fn new(request: &'a Request) -> Self {
        let resource = request.resource.as_deref();
        Self {
            action_name: &request.action,
            action: Text::known(&request.action).lower(),
            resource: resource.map_or_else(Text::anything, resource_text),
            resource_name: match resource {
                Some(arn) => arn.replace(ANY_OBJECT, "/*"),
                None => "any resource".to_owned(),
            },
            principal: &request.principal,
            keys: &request.keys,
        }
    }

    /// What a condition key holds.
    pub(super) fn held(&self, key: &str) -> Held {
        if let Some(holds) = self.keys.get(key) {
            return holds.into();
        }
        let lower = key.to_ascii_lowercase();
        self.principal
            .held(&lower)
            .unwrap_or_else(|| Held::Unknown(format!("{key} is not known before the call is made")))
    }
}

fn resource_text(arn: &str) -> Text {
    match arn.strip_suffix(ANY_OBJECT) {
        None => Text::known(arn),
        Some(bucket) => {
            let mut text = Text::known(bucket);
            text.push_known("/");
            text.push_anything();
            text
        }
    }
}
