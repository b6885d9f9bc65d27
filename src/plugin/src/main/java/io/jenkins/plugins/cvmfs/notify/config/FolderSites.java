package io.jenkins.plugins.cvmfs.notify.config;

import hudson.ExtensionList;
import hudson.ExtensionPoint;
import hudson.model.Item;
import hudson.model.ItemGroup;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import jenkins.model.Jenkins;
import org.jspecify.annotations.Nullable;

/** Finds the servers and repositories of folders. Without the plugin that brings folders nothing implements it. */
interface FolderSites extends ExtensionPoint {

    /** Returns true if this can have servers and repositories of its own. */
    boolean has(Item item);

    /** Returns the servers and repositories of a folder; empty if it has none. */
    Optional<SiteLevel> of(Item folder);

    /** Returns true if the item is a folder. */
    static boolean isFolder(Item item) {
        return ExtensionList.lookup(FolderSites.class).stream().anyMatch(sites -> sites.has(item));
    }

    /** Returns true if the item is a folder that has servers or repositories of its own. */
    static boolean hasSites(Item item) {
        return ExtensionList.lookup(FolderSites.class).stream()
                .anyMatch(sites -> sites.has(item) && sites.of(item).isPresent());
    }

    /** Returns the full names of all folders that have servers or repositories of their own; walks over all items. */
    static List<String> foldersWithSites() {
        return ExtensionList.lookup(FolderSites.class).isEmpty()
                ? List.of()
                : Jenkins.get().getAllItems(Item.class, FolderSites::hasSites).stream()
                        .map(Item::getFullName)
                        .toList();
    }

    /** Returns those of the item itself and of the folders around it, the nearest first. */
    static List<SiteLevel> around(@Nullable Item item) {
        List<SiteLevel> found = new ArrayList<>();
        List<FolderSites> all = List.copyOf(ExtensionList.lookup(FolderSites.class));
        for (Item each = item; each != null && !all.isEmpty(); each = parent(each)) {
            for (FolderSites sites : all) {
                if (sites.has(each)) {
                    sites.of(each).ifPresent(found::add);
                }
            }
        }
        return found;
    }

    /** Returns the folder that the item is in; null if it is in none. */
    static @Nullable Item parent(Item item) {
        ItemGroup<?> parent = item.getParent();
        return parent instanceof Item folder ? folder : null;
    }
}
