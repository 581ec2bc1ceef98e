//! The text of a draft: tables, comments and blank lines.

use toml_edit::{Array, ArrayOfTables, DocumentMut, InlineTable, Item, Table, Value as Written};

use super::escaping::{comment, comments, escaped};
use super::layout::{fits, lay_out};
use super::values::{Writer, is_word, plain};
use super::{Draft, DraftLookUp, DraftTable};
use crate::kind::{Lifecycle, Registry};
use crate::model::{Address, Attributes, Tags};

impl Draft {
    /// The draft as the text of a plan file. Fields that their kind does not
    /// have are left out.
    #[must_use]
    pub fn text(&self, registry: Registry) -> String {
        let mut pen = Pen {
            document: DocumentMut::new(),
            position: 0,
            writer: Writer {
                region: self.stack.region.as_deref(),
            },
        };
        pen.stack(self);
        pen.variables(self);
        for look_up in &self.existing {
            pen.look_up(look_up);
        }
        for kind in registry.tables() {
            let name = kind.about().name;
            for table in self.tables.iter().filter(|it| it.address.kind == name) {
                pen.table(table, kind.fields());
            }
        }
        pen.imports(&self.imports);
        pen.document.to_string()
    }

    /// The tables that a table's fields refer to, for finding out which of them
    /// the draft lacks.
    #[must_use]
    pub fn missing(&self) -> Vec<Address> {
        let mut missing = Vec::new();
        let mut see = |fields: &Attributes| {
            fields.each_reference(&mut |reference| {
                let target = &reference.target;
                let named =
                    |address: &Address| address.kind == target.kind && address.name == target.name;
                let known = is_word(reference)
                    || self.tables.iter().any(|table| named(&table.address))
                    || self.existing.iter().any(|it| named(&it.address));
                if !known && !missing.contains(target) {
                    missing.push(target.clone());
                }
            });
        };
        self.tables.iter().for_each(|table| see(&table.fields));
        missing
    }
}

/// A document that is being written.
struct Pen<'a> {
    document: DocumentMut,
    position: isize,
    writer: Writer<'a>,
}

impl Pen<'_> {
    /// A new table at the next place of the document.
    fn next(&mut self, above: &str) -> Table {
        let mut table = Table::new();
        let blank = if self.position == 0 { "" } else { "\n" };
        table.decor_mut().set_prefix(format!("{blank}{above}"));
        table.set_position(Some(self.position));
        self.position += 1;
        table
    }

    fn stack(&mut self, draft: &Draft) {
        let mut above = comments(&draft.comments);
        if !above.is_empty() {
            above.push('\n');
        }
        let mut table = self.next(&above);
        let stack = &draft.stack;
        set(&mut table, "name", escaped(&stack.name, false).into(), None);
        for (key, value) in [("region", &stack.region), ("account", &stack.account)] {
            if let Some(value) = value {
                set(&mut table, key, escaped(value, false).into(), None);
            }
        }
        self.tags(&mut table, &stack.tags);
        self.document.insert("stack", Item::Table(table));
    }

    fn variables(&mut self, draft: &Draft) {
        if draft.variables.is_empty() {
            return;
        }
        let mut table = self.next("");
        for variable in &draft.variables {
            let Some(value) = plain(&variable.default, false) else {
                continue;
            };
            set(&mut table, &variable.name, value, None);
            if let Some(mut key) = table.key_mut(&variable.name) {
                key.leaf_decor_mut()
                    .set_prefix(comments(&variable.comments));
            }
        }
        self.document.insert("variables", Item::Table(table));
    }

    fn look_up(&mut self, look_up: &DraftLookUp) {
        let mut table = self.next(&comments(&look_up.comments));
        let query = &look_up.query;
        for (key, value) in [("id", &query.id), ("name", &query.name)] {
            if let Some(value) = value {
                set(&mut table, key, escaped(value, false).into(), None);
            }
        }
        self.tags(&mut table, &query.tags);
        self.place(&look_up.address, table);
    }

    fn table(&mut self, draft: &DraftTable, fields: &[crate::kind::Field]) {
        let mut table = self.next(&comments(&draft.comments));
        for field in fields {
            let value = draft.fields.get(field.name);
            let value = value.and_then(|value| self.writer.field(field, value));
            if let Some(value) = value {
                let remark = draft.remarks.get(field.name).map(String::as_str);
                set(&mut table, field.name, value, remark);
            }
        }
        if let Some(value) = lifecycle(&draft.lifecycle) {
            set(&mut table, "lifecycle", value, None);
        }
        self.tags(&mut table, &draft.tags);
        self.place(&draft.address, table);
    }

    /// Puts tags into their table: on one line, or as a table of their own.
    fn tags(&mut self, table: &mut Table, tags: &Tags) {
        if tags.is_empty() {
            return;
        }
        let mut inline = InlineTable::new();
        for (key, value) in tags {
            inline.insert(key, escaped(value, false).into());
        }
        let value = Written::from(inline);
        if fits(&value, "tags = ".len()) {
            set(table, "tags", value, None);
            return;
        }
        let mut own = self.next("");
        for (key, value) in tags {
            set(&mut own, key, escaped(value, false).into(), None);
        }
        table.insert("tags", Item::Table(own));
    }

    /// Puts a table at `[kind.name]` or `[existing.kind.name]`.
    fn place(&mut self, address: &Address, table: Table) {
        let mut folder = self.document.as_table_mut();
        let path = match address.existing {
            true => vec!["existing", address.kind.as_str()],
            false => vec![address.kind.as_str()],
        };
        for key in path {
            let item = folder.entry(key).or_insert_with(|| {
                let mut implicit = Table::new();
                implicit.set_implicit(true);
                Item::Table(implicit)
            });
            match item.as_table_mut() {
                Some(inner) => folder = inner,
                // Only tables are ever put there.
                None => return,
            }
        }
        folder.insert(&address.name, Item::Table(table));
    }

    fn imports(&mut self, imports: &[(Address, String)]) {
        let mut blocks = ArrayOfTables::new();
        for (address, id) in imports {
            let mut table = self.next("");
            set(&mut table, "to", address.to_string().into(), None);
            set(&mut table, "id", escaped(id, false).into(), None);
            blocks.push(table);
        }
        if !blocks.is_empty() {
            self.document.insert("import", Item::ArrayOfTables(blocks));
        }
    }
}

/// Puts a value into a table, broken where it is long.
fn set(table: &mut Table, key: &str, mut value: Written, remark: Option<&str>) {
    lay_out(&mut value, key.chars().count() + 3);
    if let Some(remark) = remark {
        let remark = format!(" # {}", comment(remark));
        value.decor_mut().set_suffix(remark);
    }
    table.insert(key, Item::Value(value));
}

fn lifecycle(lifecycle: &Lifecycle) -> Option<Written> {
    let mut table = InlineTable::new();
    if lifecycle.prevent_destroy {
        table.insert("prevent_destroy", true.into());
    }
    if !lifecycle.ignore.is_empty() {
        let names: Array = lifecycle.ignore.iter().map(String::as_str).collect();
        table.insert("ignore", names.into());
    }
    if lifecycle.forget_on_remove {
        table.insert("on_remove", "forget".into());
    }
    (!table.is_empty()).then(|| table.into())
}
