//! What a bucket tells. Its policy and its public access block are parts, which
//! tell themselves; AWS's state without them is told here.

use crate::kind::Told;
use crate::model::network::{Bucket, BucketPolicy, Known, Network, PublicAccessBlock};

pub(super) fn tell(told: &Told<'_>, network: &mut Network) {
    let name = told.attributes.text("name").unwrap_or(told.key).to_owned();
    let place = told.place;
    let region = Known::Is(place.region.clone());
    let spot = told.spot("");
    let bucket = if told.looked_up() {
        Bucket {
            name,
            region,
            // A look-up finds the buckets of others too.
            account: Known::Not(told.unread("the owner")),
            policy: BucketPolicy {
                document: Known::Not(told.unread("the policy")),
                spot: None,
            },
            block: Known::Not(told.unread("the public access block")),
            spot,
        }
    } else {
        Bucket {
            name,
            region,
            account: Known::Is(place.account.clone()),
            policy: BucketPolicy::default(),
            block: Known::Is(PublicAccessBlock::default()),
            spot,
        }
    };
    network.buckets.insert(told.key.to_owned(), bucket);
}
