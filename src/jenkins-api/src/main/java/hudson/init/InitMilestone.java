package hudson.init;

public final class InitMilestone {
    private InitMilestone() {}

    public static final InitMilestone COMPLETED = null;
}
