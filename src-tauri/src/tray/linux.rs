//! The icon on Linux: StatusNotifierItem and its menu over D-Bus.

use super::{Click, Entry, Glyph, Shown};
use crate::desk::{Desk, TrayState};
use ksni::menu::{CheckmarkItem, MenuItem, StandardItem, SubMenu};
use ksni::{Category, Handle, Icon as Pixmap, OfflineReason, Status, ToolTip, Tray, TrayMethods};
use tokio::sync::mpsc;

/// The icon; nothing where this session has no bus.
pub(crate) struct Icon(Option<Handle<Item>>);

struct Item {
    desk: Desk,
    shown: Shown,
    clicks: mpsc::UnboundedSender<Click>,
}

impl Icon {
    /// Shows it as soon as there is a tray: one that comes later is taken, too.
    pub(crate) async fn show(desk: &Desk, shown: Shown, clicks: mpsc::UnboundedSender<Click>) -> Self {
        // Stands until the tray says that it is not there.
        desk.tray_is(TrayState::Shown);
        let item = Item { desk: desk.clone(), shown, clicks };
        match item.assume_sni_available(true).spawn().await {
            Ok(handle) => Self(Some(handle)),
            Err(error) => {
                tracing::warn!("There is no tray: {error}");
                desk.tray_is(TrayState::Missing);
                Self(None)
            }
        }
    }

    pub(crate) async fn update(&self, shown: Shown) {
        if let Some(handle) = &self.0 {
            handle.update(|item| item.shown = shown).await;
        }
    }
}

impl Tray for Item {
    fn id(&self) -> String {
        "offdesk".into()
    }

    fn title(&self) -> String {
        "Offdesk".into()
    }

    fn category(&self) -> Category {
        Category::ApplicationStatus
    }

    fn status(&self) -> Status {
        match self.shown.glyph {
            Glyph::NeedsYou(_) | Glyph::Unreachable => Status::NeedsAttention,
            Glyph::Idle | Glyph::Working | Glyph::Off => Status::Active,
        }
    }

    fn icon_pixmap(&self) -> Vec<Pixmap> {
        super::pictures::of(self.shown.glyph).into_iter().map(pixmap).collect()
    }

    fn attention_icon_pixmap(&self) -> Vec<Pixmap> {
        self.icon_pixmap()
    }

    fn tool_tip(&self) -> ToolTip {
        ToolTip { title: "Offdesk".into(), description: markup(&self.shown.tooltip), ..ToolTip::default() }
    }

    fn activate(&mut self, _: i32, _: i32) {
        // Nobody listens once the app ends.
        let _ = self.clicks.send(Click::Icon);
    }

    fn menu(&self) -> Vec<MenuItem<Self>> {
        self.shown.entries.iter().map(item).collect()
    }

    fn watcher_online(&self) {
        self.desk.tray_is(TrayState::Shown);
    }

    fn watcher_offline(&self, _: OfflineReason) -> bool {
        self.desk.tray_is(TrayState::Missing);
        // Stay: a panel that is started again finds the icon.
        true
    }
}

fn item(entry: &Entry) -> MenuItem<Item> {
    if entry.separator {
        return MenuItem::Separator;
    }
    let (label, visible) = (label(&entry.text), !entry.hidden);
    if !entry.children.is_empty() {
        let submenu = entry.children.iter().map(item).collect();
        return SubMenu { label, visible, submenu, ..SubMenu::default() }.into();
    }
    let enabled = entry.action.is_some();
    let action = entry.action.clone();
    let activate = move |item: &mut Item| {
        if let Some(action) = action.clone() {
            let _ = item.clicks.send(Click::Line(action));
        }
    };
    match entry.ticked {
        Some(checked) => CheckmarkItem {
            label,
            visible,
            enabled,
            checked,
            activate: Box::new(activate),
            ..Default::default()
        }
        .into(),
        None => StandardItem { label, visible, enabled, activate: Box::new(activate), ..Default::default() }
            .into(),
    }
}

/// An underscore would mark an access key.
fn label(text: &str) -> String {
    text.replace('_', "__")
}

fn markup(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;")
}

/// ARGB in network order, from RGBA.
fn pixmap(image: tauri::image::Image<'static>) -> Pixmap {
    let size = |length: u32| i32::try_from(length).unwrap_or_default();
    let data = image.rgba().chunks_exact(4).flat_map(|p| [p[3], p[0], p[1], p[2]]).collect();
    Pixmap { width: size(image.width()), height: size(image.height()), data }
}
