//! Lets `jsonschema` validate a [`Document`] where it stands.

use std::borrow::Cow;

use jsonschema::{
    JsonType,
    json::{Array, Json, Node as JsonNode, NodeIdentity, Object},
};
use serde_json::{Number, Value};

use super::document::{Document, Items, Members, Node};

/// [`Document`] as a representation of JSON.
#[derive(Debug)]
pub(super) struct Documents;

impl Json for Documents {
    type Node<'a> = Node<'a>;
    type PreparedKey = String;
    type StringBuffer = ();

    /// A lookup compares with all keys before its own, so one pass over the members is cheaper.
    const KEYS_PER_LOOKUP: usize = 4;
    const ACYCLIC: bool = true;

    fn prepare_key(key: &str) -> String {
        key.to_owned()
    }

    fn with_string_node<T>((): &mut (), string: &str, check: impl FnOnce(Node<'_>) -> T) -> T {
        check(Document::of_string(string).root())
    }
}

impl<'a> JsonNode<'a, Documents> for Node<'a> {
    type Object = Members<'a>;
    type Array = Items<'a>;
    type Number = &'a Number;

    fn as_object(&self) -> Option<Members<'a>> {
        (*self).as_object()
    }

    fn as_array(&self) -> Option<Items<'a>> {
        (*self).as_array()
    }

    fn as_string(&self) -> Option<Cow<'a, str>> {
        self.as_str().map(Cow::Borrowed)
    }

    fn as_number(&self) -> Option<&'a Number> {
        (*self).as_number()
    }

    fn as_boolean(&self) -> Option<bool> {
        self.as_bool()
    }

    fn is_null(&self) -> bool {
        (*self).is_null()
    }

    fn json_type(&self) -> JsonType {
        (*self).json_type()
    }

    fn to_value(&self) -> Cow<'a, Value> {
        Cow::Owned((*self).to_value())
    }

    fn identity(&self) -> Option<NodeIdentity> {
        Some(NodeIdentity::new(self.address()))
    }
}

impl<'a> Object<'a, Documents> for Members<'a> {
    type Node = Node<'a>;
    type MemberName = &'a str;
    type MembersIter = Self;

    fn len(&self) -> usize {
        Members::len(self)
    }

    fn get(&self, key: &String) -> Option<Node<'a>> {
        let mut members = *self;
        members.find(|(other, _)| other == key).map(|(_, value)| value)
    }

    fn members(&self) -> Self {
        *self
    }
}

impl<'a> Array<'a, Documents> for Items<'a> {
    type Node = Node<'a>;
    type ElementsIter = Self;

    fn len(&self) -> usize {
        Items::len(self)
    }

    fn elements(&self) -> Self {
        *self
    }
}
