package io.jenkins.plugins.cvmfs.notify.config;

import hudson.Extension;
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
import java.util.List;
import java.util.stream.Stream;
import jenkins.model.Jenkins;

/**
 * Tells administrators what is wrong with the configuration, and what builds have met that it may be the cause of: a server that
 * cannot be reached or refuses a subscription, a replica that lags. Opens no connection; gone when it is healed.
 */
@Extension
public final class ConfigurationMonitor extends AdministrativeMonitor {

    private static final int MAX_SHOWN = 20;

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

    private static Stream<Line> lines() {
        return Stream.concat(
                CvmfsNotifyConfiguration.get().mistakes().stream()
                        .map(mistake ->
                                new Line(mistake.entry() + ": " + mistake.problem(), CvmfsNotifyConfiguration.LINK)),
                JenkinsNetwork.get().observations().troubles().stream().map(ConfigurationMonitor::line));
    }

    private static Line line(Trouble trouble) {
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
        return new Line(
                Messages.ConfigurationMonitor_Lags(lagging.replica(), lagging.repository(), age, trouble.text()),
                CvmfsNotifyConfiguration.LINK);
    }

    private static String named(ServerSettings server) {
        return server.folder() == null
                ? "'%s'".formatted(server)
                : "'%s' of the folder '%s'".formatted(server, server.folder());
    }

    @SuppressWarnings("try") // The context is in force as long as it is open.
    private static Line line(ServerSettings server, String text) {
        try (ACLContext all = ACL.as2(ACL.SYSTEM2)) {
            Item folder = server.folder() == null ? null : Jenkins.get().getItemByFullName(server.folder(), Item.class);
            return new Line(text, folder == null ? CvmfsNotifyConfiguration.LINK : folder.getUrl() + "configure");
        }
    }

    /** Forgets what may have been fixed. */
    @Extension
    public static final class Changes extends SaveableListener {

        @Override
        public void onChange(Saveable saved, XmlFile file) {
            boolean isOfFolder = saved instanceof Item item && FolderSites.hasSites(item);
            if (saved instanceof CvmfsNotifyConfiguration || isOfFolder) {
                JenkinsNetwork.get().observations().forget();
            }
        }
    }
}
