import Grid
import Testing

@testable import Store

@Suite struct SpecificationCoderTests {
    @Test func whatIsWrittenIsReadBack() {
        var draw = Draw(seed: 2)
        for _ in 0..<500 {
            let specification = draw.specification()
            #expect(SpecificationCoder.decode(SpecificationCoder.encode(specification)) == specification)
        }
    }

    private var everything: TaskSpecification {
        var resources = ResourceRequest(gpu: .share(milli: 250), cpuMilli: 4000, memoryMebibytes: 8192)
        resources.models = ["RTX 4090", "H100", "A100"]
        resources.vramMebibytes = 40_960
        resources.region = "eu-west"
        resources.runner = "train"
        resources.priceCapMicros = 1_500_000
        var specification = TaskSpecification(runner: "train", resources: resources, timeoutSeconds: 60)
        specification.arguments = [
            TaskArgument(name: "dry", value: .boolean(true)), TaskArgument(name: "epochs", value: .integer(-3)),
            TaskArgument(name: "name", value: .text("12")),
        ]
        specification.input = "[1]"
        specification.gangSize = 4
        specification.priority = 10
        specification.attempts = 1
        specification.currency = .neuro
        specification.model = "resnet"
        specification.estimatedDurationSeconds = 50
        specification.taskDefinitionID = 9
        specification.isIMUA = false
        return specification
    }

    /// Databases out there hold it as it was.
    @Test func theStoredFormStaysAsItIs() {
        let body = SpecificationCoder.encode(everything)
        #expect(
            body == #"{"runner":"train","arguments":{"dry":true,"epochs":-3,"name":"12"},"input":"[1]","#
                + #""resources":{"gpu_milli":250,"models":["A100","H100","RTX 4090"],"vram_mebibytes":40960,"#
                + #""cpu_milli":4000,"memory_mebibytes":8192,"region":"eu-west","runner":"train","#
                + #""price_cap_micros":1500000},"gang_size":4,"priority":10,"timeout_seconds":60,"attempts":1,"#
                + #""currency":"NEURO","model":"resnet","estimated_duration_seconds":50,"task_definition_id":9,"#
                + #""is_imua":false}"#)
        #expect(
            SpecificationCoder.encode(
                TaskSpecification(runner: "", resources: ResourceRequest(gpu: .whole(2)), timeoutSeconds: 1))
                == #"{"runner":"","resources":{"gpu_count":2,"vram_mebibytes":0,"cpu_milli":0,"memory_mebibytes":0},"#
                + #""gang_size":1,"priority":5,"timeout_seconds":1,"attempts":5,"currency":"USD"}"#)
        let later = body.replacing("{\"runner\":\"train\",\"arg", with: "{\"new\":null,\"runner\":\"train\",\"arg")
        #expect(later != body)
        #expect(SpecificationCoder.decode(later) == everything)
    }

    @Test func whatItDidNotWriteItDoesNotRead() {
        let body = SpecificationCoder.encode(everything)
        for count in 0..<body.utf8.count { #expect(SpecificationCoder.decode(String(body.prefix(count))) == nil) }
        for (from, to) in [
            ("\"NEURO\"", "\"neuro\""), ("\"gang_size\":4", "\"gang_size\":4.5"), ("-3", "[]"),
            ("\"attempts\":1,", ""), ("\"cpu_milli\":4000", "\"cpu_milli\":40000000000000000000"),
        ] { #expect(SpecificationCoder.decode(body.replacing(from, with: to)) == nil, "\(to)") }
    }
}
