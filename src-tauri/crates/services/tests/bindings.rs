//! Writes the TypeScript bindings of the command list and fails when the committed ones were stale.

use std::{any::TypeId, collections::BTreeMap, path::Path};

use services::api::*;
use ts_rs::{Config, TS, TypeVisitor};

/// Declarations by name, so that the file does not depend on the order of the list.
struct Declarations {
    config: Config,
    by_name: BTreeMap<String, String>,
    seen: Vec<TypeId>,
}

impl TypeVisitor for Declarations {
    fn visit<T: TS + 'static + ?Sized>(&mut self) {
        if T::output_path().is_none() || self.seen.contains(&TypeId::of::<T>()) {
            return;
        }
        self.seen.push(TypeId::of::<T>());
        let docs = T::docs().unwrap_or_default();
        let declaration = format!("{docs}export {}\n", T::decl(&self.config));
        self.by_name.insert(T::name(&self.config), declaration);
        T::visit_dependencies(self);
    }
}

macro_rules! collect {
    ($($name:ident($request:ty) -> $answer:ty,)*) => {
        fn collect(declarations: &mut Declarations) -> Vec<String> {
            vec![$({
                declarations.visit::<$request>();
                declarations.visit::<$answer>();
                let config = &declarations.config;
                let (request, answer) = (<$request>::name(config), <$answer>::name(config));
                format!("  {}: {{ request: {request}; answer: {answer} }};", stringify!($name))
            }),*]
        }
    };
}

mod shared {
    use super::*;
    services::with_commands!(collect);
    pub(super) fn all(declarations: &mut Declarations) -> Vec<String> {
        collect(declarations)
    }
}

mod desktop {
    use super::*;
    services::with_desktop_commands!(collect);
    pub(super) fn all(declarations: &mut Declarations) -> Vec<String> {
        collect(declarations)
    }
}

fn bindings() -> String {
    let mut declarations = Declarations {
        config: Config::new().with_large_int("number"),
        by_name: BTreeMap::new(),
        seen: Vec::new(),
    };
    let mut commands = shared::all(&mut declarations);
    commands.extend(desktop::all(&mut declarations));
    declarations.visit::<Event>();
    declarations.visit::<ApiError>();
    let types = declarations
        .by_name
        .into_values()
        .collect::<Vec<_>>()
        .join("\n");
    format!(
        "// Made from services::api by `cargo test -p services --test bindings`; never edited.\n\n\
         {types}\n/** Every command: its request and its answer. */\nexport interface Commands {{\n{}\n}}\n",
        commands.join("\n")
    )
}

#[test]
#[expect(
    clippy::disallowed_methods,
    reason = "this test writes a source file of the repository"
)]
fn the_committed_bindings_are_what_the_command_list_says() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../ui/src/bindings/api.ts");
    let fresh = bindings();
    let committed = std::fs::read_to_string(&path).unwrap_or_default();
    if committed != fresh {
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(&path, &fresh).unwrap();
    }
    assert!(
        committed == fresh,
        "the bindings were stale and have been written again; commit them"
    );
}
