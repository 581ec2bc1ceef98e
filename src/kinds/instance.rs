//! An instance: one machine in a subnet, started with an image and a role.
//!
//! ```text
//! create ─► pending ─► running ◄─► stopping ─► stopped
//!              │          └─► shutting-down ─► terminated
//!              └─► terminated, with the reason, where the launch fails
//! ```
//!
//! The image is resolved once, when the instance is made. A tag remembers what
//! the file said then, so that a newer image behind the same name never
//! replaces a machine. Type and user data change while the instance is stopped;
//! a tag remembers that we stopped it, so that a run killed in between starts
//! it again.

use async_trait::async_trait;
use aws_sdk_ec2::types::AttributeBooleanValue;

use crate::aws::rehearsal::Rehearsals;
use crate::aws::tagging::{filter, retag_ec2, with_tags};
use crate::aws::{Call, CallError, on};
use crate::kind::{
    About, Area, Change, Claim, Declared, Default, Field, Intent, Interface, Kind, Live, Node,
    Order, Output, Query, Scope, Stack, Standings, Told, Took, Type, Usual,
};
use crate::model::network::Network;
use crate::model::tags::TagChange;
use crate::model::{Attributes, Diagnostic, Place, Reference, Value};

mod changes;
mod checks;
mod launch;
mod rehearsal;
mod sight;
mod standing;
mod telling;
mod way_out;

/// `[instance.<name>]`
pub struct Instance;

/// The tag that remembers what the file called the image.
const IMAGE_TAG: &str = "s3net:image";
/// The tag that stands on an instance while we have it stopped for a change.
const RESTART_TAG: &str = "s3net:restart";

const FIELDS: &[Field] = &[
    Field::new(
        "subnet",
        Type::reference(&["subnet"], &["subnet-"]),
        "The subnet it lies in.",
    )
    .required()
    .replaces("AWS cannot move an instance to another subnet"),
    Field::new(
        "security_groups",
        Type::Set(&Type::reference(&["security_group"], &["sg-"])),
        "The groups of its network interface; AWS takes the VPC's default group where absent.",
    ),
    Field::new(
        "role",
        Type::reference(&["role"], &[]),
        "The role that programs on it have, through the role's instance profile.",
    )
    .expanded(),
    Field::new(
        "instance_profile",
        // A profile made by a role's table has the role's name, so a live one
        // is known as the role's.
        Type::reference(&["role"], &[""]),
        "The name of an instance profile that is not in this file; set by `role`, empty for none.",
    )
    .loose(),
    Field::new(
        "type",
        Type::Text,
        "The instance type; a change stops and starts the instance.",
    )
    .default(Default::Text("t3.micro")),
    Field::new(
        "image",
        Type::Text,
        "`al2023`, `al2023-arm64`, `al2`, a public parameter (`/aws/service/…`) or an image's id.",
    )
    .default(Default::Text("al2023"))
    .replaces("AWS cannot change the image of an instance"),
    Field::new(
        "user_data",
        Type::Text,
        "What runs at its first boot; a change stops and starts the instance.",
    ),
    Field::new(
        "source_dest_check",
        Type::Bool,
        "Whether AWS drops what is neither from nor to its own address; off for routers.",
    )
    .default(Default::Bool(true)),
    Field::new(
        "metadata_tokens",
        Type::OneOf(&["required", "optional"]),
        "Whether its metadata service demands a session token.",
    )
    .default(Default::Text("required")),
    Field::new(
        "public_ip",
        Type::Bool,
        "Whether it gets a public address of AWS's choice.",
    )
    .default(Default::Bool(false))
    .replaces("AWS gives an instance its public address at launch only"),
    Field::new(
        "private_ip",
        Type::Text,
        "Its address inside the subnet; any free one where absent.",
    )
    .replaces("AWS cannot change an instance's private address"),
    Field::new("key_pair", Type::Text, "The name of the key pair for SSH.")
        .replaces("AWS installs a key pair at launch only"),
    Field::new(
        "monitoring",
        Type::Bool,
        "Whether CloudWatch gets its figures every minute.",
    )
    .default(Default::Bool(false)),
];

#[async_trait]
impl Kind for Instance {
    fn about(&self) -> About {
        About {
            name: "instance",
            summary: "A machine in a subnet.",
            example: "[vpc.main]\ncidr = \"10.0.0.0/16\"\n\n\
                      [subnet.private-1]\nvpc = \"main\"\ncidr = \"10.0.1.0/24\"\nzone = \"a\"\n\n\
                      [instance.one]\nsubnet = \"private-1\"\ntype = \"t3.micro\"\n\
                      image = \"al2023\"\n",
            part_of: None,
            tagged: true,
            contained: false,
        }
    }

    fn fields(&self) -> &'static [Field] {
        FIELDS
    }

    fn id_prefix(&self) -> Option<&'static str> {
        Some("i-")
    }

    fn outputs(&self) -> &'static [Output] {
        &[
            Output {
                name: "image_id",
                doc: "The id of the image that it was started with.",
            },
            Output {
                name: "private_ip",
                doc: "Its address inside the subnet.",
            },
            Output {
                name: "public_address",
                doc: "Its public address, where it has one; a stop and start renews it.",
            },
            Output {
                name: "availability_zone",
                doc: "The zone it runs in.",
            },
        ]
    }

    fn expand(&self, table: &mut Declared) {
        if let Some(image) = table.inputs.text("image") {
            table.tags.insert(IMAGE_TAG.to_owned(), image.to_owned());
        }
        if let Some(role) = table.inputs.target("role").cloned() {
            if table.inputs.get("instance_profile").is_some() {
                table.problems.push(
                    Diagnostic::error(
                        table.span_of("instance_profile"),
                        "`role` and `instance_profile` are both set",
                    )
                    .because("`role` stands for the role's own instance profile")
                    .remedy("remove one of the two"),
                );
            }
            // A role that is only looked up has no part of its own here; the
            // console gives its profile the role's name.
            let target = if role.existing {
                role
            } else {
                role.part("instance_profile", "")
            };
            table.inputs.set("instance_profile", Reference::id(target));
        } else {
            // Without a role it is to have none of the stack's: a role that is
            // taken out of the table must not stay on the machine.
            let stated = table.inputs.text("instance_profile").unwrap_or_default();
            let name = Value::text(sight::profile_name(stated));
            if !matches!(
                table.inputs.get("instance_profile"),
                Some(Value::Template(_))
            ) {
                table.inputs.set("instance_profile", name);
            }
        }
    }

    fn check(&self, node: &Node, stack: &Stack, problems: &mut Vec<Diagnostic>) {
        checks::check(node, stack, problems);
    }

    fn claims(&self, of: &Attributes, _place: &Place) -> Vec<Claim> {
        let address = of.text("private_ip").zip(of.text("subnet"));
        let claim = address.map(|(address, subnet)| Claim::private_address(address, subnet));
        claim.into_iter().collect()
    }

    fn interfaces<'a>(&self, inputs: &'a Attributes) -> Vec<Interface<'a>> {
        Interface::only(inputs)
    }

    fn orders(&self, node: &Node, stack: &Stack) -> Vec<Order> {
        way_out::orders(node, stack)
    }

    fn tell(&self, told: &Told<'_>, network: &mut Network) {
        telling::tell(told, network);
    }

    // Running within a minute, and so is its end (experience with AWS, not a figure
    // of AWS's).
    fn usual(&self) -> Usual {
        Usual {
            create: Took::seconds(15, 40),
            update: Took::seconds(2, 60),
            delete: Took::seconds(30, 60),
        }
    }

    fn lost_with(&self, _live: &Attributes) -> Option<String> {
        Some("its disk, and what ran on it".to_owned())
    }

    fn rehearse(&self, step: &Intent<'_>, calls: &mut Rehearsals) {
        rehearsal::rehearse(step, calls);
    }

    async fn find(&self, scope: &Scope<'_>) -> Result<Vec<Live>, CallError> {
        let read = |by| sight::living(scope.aws, vec![by], None);
        let instances = scope.shared.adoptions.with_own(scope.stack, read).await?;
        sight::lives(scope, &instances).await
    }

    async fn look_up(&self, scope: &Scope<'_>, query: &Query) -> Result<Vec<Live>, CallError> {
        let mut filters = with_tags(&query.tags);
        filters.extend(query.vpc.as_ref().map(|vpc| filter("vpc-id", [vpc])));
        let instances = sight::living(scope.aws, filters, query.id.as_deref()).await?;
        sight::lives(scope, &instances).await
    }

    async fn standing(&self, scope: &Scope<'_>, area: &Area) -> Result<Standings, CallError> {
        standing::standing(self, scope, area).await
    }

    async fn create(&self, call: &Call<'_>, inputs: &Attributes) -> Result<String, CallError> {
        launch::run(call, inputs).await
    }

    async fn settle(
        &self,
        call: &Call<'_>,
        id: &str,
        inputs: &Attributes,
    ) -> Result<Attributes, CallError> {
        let instance = sight::until_at_rest(call, id).await?;
        let wanted = inputs.bool("source_dest_check").unwrap_or(true);
        if instance.source_dest_check().unwrap_or(true) != wanted {
            call.aws
                .ec2
                .modify_instance_attribute()
                .instance_id(id)
                .source_dest_check(AttributeBooleanValue::builder().value(wanted).build())
                .send()
                .await
                .map_err(on("ModifyInstanceAttribute"))?;
        }
        Ok(sight::outputs(&instance))
    }

    async fn update(
        &self,
        call: &Call<'_>,
        id: &str,
        change: &Change,
    ) -> Result<String, CallError> {
        changes::make(call, id, change).await?;
        Ok(id.to_owned())
    }

    async fn retag(&self, call: &Call<'_>, id: &str, change: &TagChange) -> Result<(), CallError> {
        if change.remove.iter().any(|key| key == RESTART_TAG) {
            // A run of ours ended while it had the instance stopped.
            changes::start(call, id).await?;
        }
        for volume in sight::volumes(call.aws, id).await? {
            retag_ec2(call, &volume, change).await?;
        }
        retag_ec2(call, id, change).await
    }

    async fn delete(&self, call: &Call<'_>, id: &str, _live: &Attributes) -> Result<(), CallError> {
        let request = call.aws.ec2.terminate_instances().instance_ids(id);
        match request.send().await.map_err(on("TerminateInstances")) {
            Ok(_) => {}
            Err(error) if error.is_not_found() => return Ok(()),
            Err(error) => return Err(error),
        }
        sight::until_terminated(call, id).await
    }
}
