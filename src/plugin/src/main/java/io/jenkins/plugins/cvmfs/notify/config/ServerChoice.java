package io.jenkins.plugins.cvmfs.notify.config;

import hudson.util.ListBoxModel;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** The list of servers to choose from in a form. */
public final class ServerChoice {

    private ServerChoice() {}

    /** The servers of the present configuration by name, after a line for "none chosen"; see {@link #of}. */
    public static ListBoxModel ofAll(@Nullable String current) {
        return of(CvmfsNotifyConfiguration.get().getServers(), current);
    }

    /** @param current what is chosen now; it stays in the list even if there is no such server any more */
    static ListBoxModel of(List<ServerEntry> servers, @Nullable String current) {
        ListBoxModel model = new ListBoxModel();
        model.add(Messages.ServerChoice_None(), "");
        List<String> names = servers.stream().map(ServerEntry::getName).toList();
        names.forEach(model::add);
        if (current != null && !current.isBlank() && !names.contains(current)) {
            model.add(current);
        }
        return model;
    }
}
