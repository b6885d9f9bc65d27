package io.jenkins.plugins.cvmfs.notify.config;

import hudson.model.Item;
import hudson.util.FormValidation;
import io.jenkins.plugins.cvmfs.notify.client.InvalidInputException;
import io.jenkins.plugins.cvmfs.notify.client.NotifyException;
import java.util.List;
import java.util.stream.Stream;
import jenkins.model.Jenkins;
import org.jspecify.annotations.Nullable;

/**
 * The place that a form of an entry belongs to: Jenkins as a whole, which administrators configure, or a folder. Any other item counts
 * as Jenkins as a whole, so that who configures a job gains nothing.
 */
final class FormPlace {

    private final @Nullable Item folder;

    private FormPlace(@Nullable Item folder) {
        this.folder = folder;
    }

    /** @param item in the path of the form; null if there is none */
    static FormPlace of(@Nullable Item item) {
        return new FormPlace(item != null && FolderSites.isFolder(item) ? item : null);
    }

    /** The full name of the folder; null for Jenkins as a whole. */
    @Nullable
    String folder() {
        return folder == null ? null : folder.getFullName();
    }

    /** Returns what can be named there. */
    ConfiguredSites sites() {
        return CvmfsNotifyConfiguration.get().sites(folder);
    }

    /**
     * Returns the names of the servers to choose from.
     *
     * @param inForm those in the form, saved or not, a line each, which replace the saved ones; null if the form does not say
     */
    List<String> servers(@Nullable String inForm) {
        if (inForm == null) {
            return sites().serverNames();
        }
        Stream<String> typed = inForm.lines().map(String::trim).filter(name -> !name.isEmpty());
        Stream<String> around = folder == null
                ? Stream.of()
                : CvmfsNotifyConfiguration.get().sites(FolderSites.parent(folder)).serverNames().stream();
        return Stream.concat(typed, around).distinct().toList();
    }

    void checkMayRead() {
        if (folder == null) {
            Jenkins.get().checkPermission(Jenkins.SYSTEM_READ);
        } else {
            folder.checkPermission(Item.EXTENDED_READ);
        }
    }

    boolean mayConfigure() {
        return folder == null ? Jenkins.get().hasPermission(Jenkins.ADMINISTER) : folder.hasPermission(Item.CONFIGURE);
    }

    void checkMayConfigure() {
        if (folder == null) {
            Jenkins.get().checkPermission(Jenkins.ADMINISTER);
        } else {
            folder.checkPermission(Item.CONFIGURE);
        }
    }

    /** Returns an error with the message of what the check throws. For those who may configure the place only. */
    FormValidation check(Runnable check) {
        checkMayConfigure();
        try {
            check.run();
            return FormValidation.ok();
        } catch (NotifyException e) {
            return FormValidation.error(e.getMessage());
        }
    }

    /** @throws InvalidInputException if the place is a folder, and folders may not use this URL */
    void requireHost(String url) {
        if (folder != null) {
            sites().requireHostInFolders(url);
        }
    }
}
