package io.jenkins.plugins.cvmfs.notify.config;

import hudson.Extension;
import hudson.model.Describable;
import hudson.model.Descriptor;
import hudson.util.FormValidation;
import hudson.util.ListBoxModel;
import io.jenkins.plugins.cvmfs.notify.client.InvalidInputException;
import io.jenkins.plugins.cvmfs.notify.client.manifest.RepositoryName;
import io.jenkins.plugins.cvmfs.notify.client.trust.MasterKeys;
import java.util.ArrayList;
import java.util.List;
import jenkins.model.Jenkins;
import org.jspecify.annotations.Nullable;
import org.kohsuke.stapler.DataBoundConstructor;
import org.kohsuke.stapler.DataBoundSetter;
import org.kohsuke.stapler.QueryParameter;
import org.kohsuke.stapler.verb.POST;

/** A repository that pipelines may name: where it is published and replicated, and the keys that its manifests are signed with. */
public final class RepositoryEntry implements Describable<RepositoryEntry> {

    private final String name;
    private @Nullable String stratum0;
    private @Nullable String masterKeys;
    private boolean allowUnverified;
    private @Nullable String server;
    private List<ReplicaEntry> replicas = new ArrayList<>();

    /** As typed; {@link ConfiguredSites} checks it when it is used. */
    @DataBoundConstructor
    public RepositoryEntry(@Nullable String name) {
        this.name = FormFields.text(name, "");
    }

    public String getName() {
        return name;
    }

    /** The URL of the repository on its stratum 0; null if it is not configured. */
    public @Nullable String getStratum0() {
        return stratum0;
    }

    /** Blank for none. */
    @DataBoundSetter
    public void setStratum0(@Nullable String url) {
        this.stratum0 = FormFields.text(url);
    }

    /** The replicas, in the order in which results name them. */
    public List<ReplicaEntry> getReplicas() {
        return replicas;
    }

    @DataBoundSetter
    public void setReplicas(@Nullable List<ReplicaEntry> all) {
        this.replicas = all == null ? new ArrayList<>() : new ArrayList<>(all);
    }

    /** Public keys in PEM, one or more; null if manifests are not verified. */
    public @Nullable String getMasterKeys() {
        return masterKeys;
    }

    /** Blank for none. */
    @DataBoundSetter
    public void setMasterKeys(@Nullable String pem) {
        this.masterKeys = FormFields.text(pem);
    }

    /** Returns true if a pipeline may skip the verification of a manifest despite the master keys; false by default. */
    public boolean isAllowUnverified() {
        return allowUnverified;
    }

    /** Without master keys this setting has no effect. */
    @DataBoundSetter
    public void setAllowUnverified(boolean allowed) {
        this.allowUnverified = allowed;
    }

    /** The name of the server to announce it at and to subscribe to; null for the only one. */
    public @Nullable String getServer() {
        return server;
    }

    /** Blank for none. */
    @DataBoundSetter
    public void setServer(@Nullable String serverName) {
        this.server = FormFields.text(serverName);
    }

    /** The form of one repository. */
    @Extension
    public static final class DescriptorImpl extends Descriptor<RepositoryEntry> {

        @Override
        public String getDisplayName() {
            return Messages.RepositoryEntry_DisplayName();
        }

        @POST
        public FormValidation doCheckName(@QueryParameter String value) {
            return FormFields.check(() -> new RepositoryName(value.trim()));
        }

        @POST
        public FormValidation doCheckStratum0(@QueryParameter String value) {
            return FormFields.check(() -> {
                if (!value.isBlank()) {
                    ConfiguredSites.webLocation(value.trim());
                }
            });
        }

        @POST
        public FormValidation doCheckMasterKeys(@QueryParameter String value) {
            return FormFields.check(() -> {
                if (!value.isBlank()) {
                    MasterKeys.parse(value);
                }
            });
        }

        /**
         * Checks that the chosen server is in the form, else that it is configured.
         *
         * @param formServers the names of the servers in the form, saved or not, a line each; null if the form does not say
         */
        @POST
        public FormValidation doCheckServer(
                @QueryParameter String value, @QueryParameter @Nullable String formServers) {
            return FormFields.check(() -> {
                if (value.isBlank()) {
                    return;
                }
                if (formServers == null) {
                    CvmfsNotifyConfiguration.get().sites().server(value);
                } else if (!names(formServers).contains(value)) {
                    throw new InvalidInputException(Messages.RepositoryEntry_NoServer(value));
                }
            });
        }

        /** Returns the servers in the form, which need not be saved yet; the configured ones if the form does not say. */
        @POST
        public ListBoxModel doFillServerItems(
                @QueryParameter String server, @QueryParameter @Nullable String formServers) {
            Jenkins.get().checkPermission(Jenkins.SYSTEM_READ);
            return formServers == null ? FormFields.servers(server) : FormFields.servers(server, names(formServers));
        }

        private static List<String> names(String lines) {
            return lines.lines()
                    .map(String::trim)
                    .filter(name -> !name.isEmpty())
                    .toList();
        }
    }
}
