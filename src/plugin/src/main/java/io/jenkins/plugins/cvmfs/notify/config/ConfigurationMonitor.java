package io.jenkins.plugins.cvmfs.notify.config;

import hudson.Extension;
import hudson.ExtensionList;
import hudson.XmlFile;
import hudson.model.AdministrativeMonitor;
import hudson.model.Item;
import hudson.model.Saveable;
import hudson.model.listeners.SaveableListener;
import hudson.security.ACL;
import hudson.security.ACLContext;
import hudson.security.Permission;
import io.jenkins.plugins.cvmfs.notify.client.gate.GateReport;
import io.jenkins.plugins.cvmfs.notify.connection.JenkinsNetwork;
import io.jenkins.plugins.cvmfs.notify.connection.Observations.Subject;
import io.jenkins.plugins.cvmfs.notify.connection.Observations.Trouble;
import io.jenkins.plugins.cvmfs.notify.connection.ServerSettings;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import jenkins.model.Jenkins;
import org.jspecify.annotations.Nullable;

/**
 * Tells administrators what is wrong with the configuration, that of folders too, and what builds have met that it may be the cause
 * of: a server that cannot be reached or refuses a subscription, a replica that lags. Warns while there is time of what a restart without
 * the plugin does. Opens no connection; gone when it is healed.
 */
@Extension
public final class ConfigurationMonitor extends AdministrativeMonitor {

    private static final int MAX_SHOWN = 20;

    /** The folders are looked for no more often: in a large Jenkins a walk over all items takes long, and each page asks. */
    private static final Duration GOOD_FOR = Duration.ofMinutes(1);

    /** Null before the first look, and after a folder has changed. */
    private volatile @Nullable Folders known;

    /** @param until on the clock of {@link System#nanoTime()} */
    private record Folders(List<String> names, long until) {

        boolean areThere() {
            return names.stream().allMatch(name -> Jenkins.get().getItemByFullName(name, Item.class) != null);
        }
    }

    /**
     * A line of the monitor.
     *
     * @param link where it is fixed, below the root of Jenkins
     */
    public record Line(String text, String link) {

        /** For Jelly, which knows no records. */
        public String getText() {
            return text;
        }

        /** For Jelly, which knows no records. */
        public String getLink() {
            return link;
        }
    }

    @Override
    public String getDisplayName() {
        return Messages.CvmfsNotifyConfiguration_DisplayName();
    }

    @Override
    public boolean isActivated() {
        return lines().findAny().isPresent();
    }

    /** Those who may see the configuration; only administrators may dismiss it. */
    @Override
    public Permission getRequiredPermission() {
        return Jenkins.SYSTEM_READ;
    }

    /** The first lines. */
    public List<Line> getLines() {
        return lines().limit(MAX_SHOWN).toList();
    }

    /** The number of lines that are not shown. */
    public long getMore() {
        return Math.max(0, lines().count() - MAX_SHOWN);
    }

    private Stream<Line> lines() {
        return Stream.of(
                        leaving().stream(),
                        CvmfsNotifyConfiguration.get().mistakes().stream()
                                .map(mistake -> new Line(
                                        mistake.entry() + ": " + mistake.problem(), CvmfsNotifyConfiguration.LINK)),
                        folders().stream().flatMap(ConfigurationMonitor::mistakesIn),
                        JenkinsNetwork.get().observations().troubles().stream().flatMap(ConfigurationMonitor::line))
                .flatMap(lines -> lines);
    }

    /** After the restart no class of the plugin is there to say it. */
    private static Optional<Line> leaving() {
        return JenkinsNetwork.pluginLeaves()
                ? Optional.of(new Line(Messages.ConfigurationMonitor_PluginLeaves(), "manage/pluginManager/installed"))
                : Optional.empty();
    }

    /** The folders with entries, also those that the user may not see. One that was renamed or moved is looked for at once. */
    @SuppressWarnings("try") // The context is in force as long as it is open.
    private List<String> folders() {
        try (ACLContext all = ACL.as2(ACL.SYSTEM2)) {
            Folders found = known;
            if (found == null || found.until() - System.nanoTime() < 0 || !found.areThere()) {
                found = new Folders(FolderSites.foldersWithSites(), System.nanoTime() + GOOD_FOR.toNanos());
                known = found;
            }
            return found.names();
        }
    }

    /** Returns nothing of a folder whose configuration the user may not read. */
    private static Stream<Line> mistakesIn(String folder) {
        return readable(folder).stream()
                .flatMap(item -> FolderSites.around(item).stream()
                        .filter(level -> folder.equals(level.folder()))
                        .flatMap(level ->
                                Mistake.in(level, CvmfsNotifyConfiguration.get().sites(item)).stream())
                        .map(mistake -> new Line(
                                Messages.ConfigurationMonitor_InFolder(mistake.entry(), folder, mistake.problem()),
                                link(item))));
    }

    /** Returns the folder if the user may read its configuration. */
    private static Optional<Item> readable(String folder) {
        return Optional.ofNullable(Jenkins.get().getItemByFullName(folder, Item.class))
                .filter(item -> item.hasPermission(Item.EXTENDED_READ));
    }

    private static String link(Item folder) {
        return folder.getUrl() + "configure";
    }

    private static Stream<Line> line(Trouble trouble) {
        String age = GateReport.text(trouble.age());
        if (trouble.subject() instanceof Subject.Unreachable unreachable) {
            ServerSettings server = unreachable.server();
            return line(server, Messages.ConfigurationMonitor_Unreachable(named(server), age, trouble.text()));
        }
        if (trouble.subject() instanceof Subject.RefusedSubscription refused) {
            ServerSettings server = refused.server();
            return line(
                    server, Messages.ConfigurationMonitor_Refused(named(server), refused.repository(), trouble.text()));
        }
        Subject.LaggingReplica lagging = (Subject.LaggingReplica) trouble.subject();
        return Stream.of(new Line(
                Messages.ConfigurationMonitor_Lags(lagging.replica(), lagging.repository(), age, trouble.text()),
                CvmfsNotifyConfiguration.LINK));
    }

    private static String named(ServerSettings server) {
        return server.folder() == null
                ? "'%s'".formatted(server)
                : "'%s' of the folder '%s'".formatted(server, server.folder());
    }

    private static Stream<Line> line(ServerSettings server, String text) {
        String folder = server.folder();
        return folder == null
                ? Stream.of(new Line(text, CvmfsNotifyConfiguration.LINK))
                : readable(folder).map(item -> new Line(text, link(item))).stream();
    }

    /** Forgets what may have been fixed. */
    @Extension
    public static final class Changes extends SaveableListener {

        @Override
        public void onChange(Saveable saved, XmlFile file) {
            boolean isFolder = saved instanceof Item item && FolderSites.isFolder(item);
            if (isFolder) {
                ExtensionList.lookupSingleton(ConfigurationMonitor.class).known = null;
            }
            boolean isOfFolder = isFolder && FolderSites.hasSites((Item) saved);
            if (saved instanceof CvmfsNotifyConfiguration || isOfFolder) {
                JenkinsNetwork.get().observations().forget();
            }
        }
    }
}
