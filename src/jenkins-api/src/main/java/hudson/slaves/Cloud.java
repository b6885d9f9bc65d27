package hudson.slaves;

public abstract class Cloud {}
