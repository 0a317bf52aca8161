// The guide's examples of workflows with a GPU, in the image that they name or, where none is given, without one.

/** "A workflow definition file written in WDL that has the acceleratorCount and type defined". */
export const gpuWdl = (image?: string): string => `version 1.1

workflow hello_gpu {
    call hello {}
    call nvidia_smi {}
}

task hello {
    command {
        echo "hello"
    }
    runtime {
    }
    output {
        String out = read_string( stdout() )
    }
}

task nvidia_smi {
    command {
        nvidia-smi
    }
    runtime {${image === undefined ? '' : `\n        container: "${image}"`}
        acceleratorCount: 1
        acceleratorType: "nvidia-tesla-t4-a10g"
    }
    output {
        String out = read_string( stdout () )
    }
}
`;

/** "A workflow definition file written in Nextflow that has the accelerator count and type defined". */
export const gpuNextflow = (image?: string): string => `nextflow.enable.dsl = 2

process hello {
    output:
        stdout emit: out
    script:
        """
        echo "hello"
        """
}

process nvidia_smi {${image === undefined ? '' : `\n    container "${image}"`}
    accelerator 1, type: 'nvidia-tesla-t4-a10g'
    output:
        stdout emit: out
    script:
        """
        nvidia-smi
        """
}

workflow HELLO_GPU {
    hello()
    nvidia_smi()
}

workflow {
    HELLO_GPU()
}
`;

/** Its two `requirements` in one, as YAML wants it. */
export const GPU_CWL = `cwlVersion: v1.2
class: CommandLineTool
baseCommand: ["/bin/bash", "docm_haplotypeCaller.sh"]
$namespaces:
  cwltool: http://commonwl.org/cwltool#
requirements:
  cwltool:CUDARequirement:
    cudaDeviceCountMin: 1
    cudaComputeCapability: "nvidia-tesla-t4"
    cudaVersionMin: "1.0"
  InlineJavascriptRequirement: {}
  InitialWorkDirRequirement:
    listing:
    - entryname: 'docm_haplotypeCaller.sh'
      entry: |
        nvidia-smi --query-gpu=gpu_name,gpu_bus_id,vbios_version --format=csv
inputs: []
outputs: []
`;
