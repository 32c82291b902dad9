import Testing

@testable import Service

@Suite struct PrivilegesTests {
    @Test func onlyRootOutsideSystemdIsWarnedAbout() {
        let systemd = Environment(["INVOCATION_ID": "0123456789abcdef0123456789abcdef"])
        #expect(Privileges.isRootOutsideSystemd(effectiveUser: 0, environment: Environment([:])))
        #expect(!Privileges.isRootOutsideSystemd(effectiveUser: 0, environment: systemd))
        #expect(!Privileges.isRootOutsideSystemd(effectiveUser: 1000, environment: Environment([:])))
    }
}
