/* An assembler takes the bytes of a file at no cost; a compiler does not. */
        .section .rodata
        .global frontdesk_router_weights
        .global frontdesk_router_weights_end
        .global frontdesk_router_concepts
        .global frontdesk_router_concepts_end
        .balign 16
frontdesk_router_weights:
        .incbin FRONTDESK_ROUTER_WEIGHTS
frontdesk_router_weights_end:
        .byte 0
frontdesk_router_concepts:
        .incbin FRONTDESK_ROUTER_CONCEPTS
frontdesk_router_concepts_end:
        .byte 0
        .section .note.GNU-stack, "", %progbits
